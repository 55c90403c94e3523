"""The webhook of a survey tool: signed just now, each answer once, and one that cannot be read keeps out no other."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.test_surveys import answers

SECRET = "s" * 40
GOOD = {
    "account_id": "001A",
    "id": "R-1",
    "survey": "nps",
    "score": 4,
    "at": "2026-03-05T09:00:00Z",
    "user": "person2@acme.example",
    "comment": "slow",
}


@pytest.fixture
def post(served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Post answers as a survey tool does; ``face`` is the served application."""
    monkeypatch.setenv("FIRST90_SURVEY_HOOK_SECRET", f"{SECRET}, {'o' * 40}")
    face = served()

    def send(given: Any, secret: str = SECRET, at: datetime | None = None, **headers: str) -> Any:
        body, moment = json.dumps(given).encode(), str(int((at or datetime.now(UTC)).timestamp()))
        digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        signed = {"X-First90-Timestamp": moment, "X-First90-Signature": f"sha256={digest}"} | headers
        return face.post("/hooks/surveys", content=body, headers=signed)

    send.face = face  # type: ignore[attr-defined]
    return send


def test_an_answer_is_kept_once_with_its_person(post: Any) -> None:
    assert post(GOOD).text == "1 new\n"
    assert post([GOOD]).text == "0 new\n"
    assert post(GOOD | {"id": "R-2", "survey": "ces"}, secret="o" * 40).text == "1 new\n", (
        "an older secret still counts"
    )
    assert answers(post.face) == [
        ("nps", {"score": 4.0, "low": 0, "high": 10, "person": "0032", "comment": "slow"}),
        ("ces", {"score": 4.0, "low": 1, "high": 7, "person": "0032", "comment": "slow"}),
    ]


def test_what_is_not_signed_or_not_just_now_changes_nothing(post: Any) -> None:
    late = datetime.now(UTC) - timedelta(minutes=6)
    assert post(GOOD, secret="x" * 40).status_code == 401
    assert post(GOOD, at=late).status_code == 401
    other_moment = {"X-First90-Timestamp": str(int(datetime.now(UTC).timestamp()) + 1)}
    assert post(GOOD, **other_moment).status_code == 401
    assert post(GOOD, **{"X-First90-Signature": ""}).status_code == 401
    assert post.face.post("/hooks/surveys", json=GOOD).status_code == 401
    assert answers(post.face) == []


def test_one_that_cannot_be_read_keeps_out_no_other(post: Any) -> None:
    odd = [7, {}, GOOD | {"score": 11}, GOOD | {"account_id": "001Z"}, GOOD]
    assert post(odd).text == "1 new\n"
    assert post.face.post("/hooks/surveys", content=b"{").status_code == 401
    assert len(answers(post.face)) == 1
    assert post([GOOD] * 1001).status_code == 400


def test_without_a_secret_there_is_no_such_webhook(face: Any) -> None:
    assert face.post("/hooks/surveys", json=GOOD).status_code == 404
