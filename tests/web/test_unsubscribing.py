"""The unsubscribe link: a GET changes nothing, one POST does, and a link cannot be forged or altered."""

from typing import Any

import pytest
from starlette.routing import Route

from tests.conftest import BOTH_DATABASES
from web.app import build

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ONE_CLICK: dict[str, Any] = {"content": b"List-Unsubscribe=One-Click", "headers": FORM}


def test_a_scanner_that_follows_the_link_changes_nothing(face: Any) -> None:
    for _ in range(3):
        shown = face.get(f"/u/{face.token()}")
        assert (shown.status_code, "Unsubscribe" in shown.text) == (200, True)
    assert face.client.head(f"{face.url}/u/{face.token()}").status_code == 200
    assert face.silent() == {}
    assert face.journal() == []


def test_one_click_as_a_mail_program_does_it(face: Any) -> None:
    """RFC 8058: a POST to the address of the header, without cookies, login or redirect, handled in one step."""
    address = f"/u/{face.token()}"
    answer = face.post(address, **ONE_CLICK)
    assert answer.status_code == 200
    assert not answer.history
    assert "set-cookie" not in answer.headers
    assert face.silent() == {"0031": "unsubscribed", "person1@acme.example": "unsubscribed"}
    assert face.post(address, **ONE_CLICK).status_code == 200, "a repeat is as good"
    assert face.journal() == ["unsubscribe: unsubscribed by the link in a mail"]
    multipart = face.post(f"/u/{face.token(2)}", files={"List-Unsubscribe": (None, "One-Click")})
    assert multipart.status_code == 200
    assert "0032" in face.silent()


@BOTH_DATABASES
def test_it_can_be_taken_back_and_done_again(face: Any) -> None:
    address = f"/u/{face.token()}"
    face.post(address, **ONE_CLICK)
    assert "subscribed again" in face.post(f"{address}/again").text
    assert face.silent() == {}
    face.post(address, **ONE_CLICK)
    assert set(face.silent()) == {"0031", "person1@acme.example"}


def test_a_slash_at_the_end_is_answered_here_and_leads_to_no_other_host(face: Any) -> None:
    """A redirect would lead to the Host of the request, and a mail program would send its POST there."""
    elsewhere = {"Host": "attacker.example"}
    shown = face.get(f"/u/{face.token()}/", headers=elsewhere)
    assert (shown.status_code, "location" in shown.headers) == (200, False)
    assert 'action="../' in shown.text
    assert face.post(f"/u/{face.token()}/", **ONE_CLICK).status_code == 200
    assert "0031" in face.silent()
    for path in ("/health/", "/hooks/sendgrid/", "/slack/actions/", f"/u/{face.token()}/again/"):
        answer = face.post(path, headers=elsewhere)
        assert (answer.status_code, "location" in answer.headers) == (404, False), path


def test_what_a_page_promises_to_whoever_reads_it(face: Any) -> None:
    page = face.get(f"/u/{face.token()}")
    assert '<html lang="en" dir="ltr">' in page.text
    assert page.text.count("<h1>") == page.text.count("<main>") == page.text.count("<button") == 1
    assert 'name="viewport"' in page.text
    assert "<script" not in page.text
    assert "acme" not in page.text.lower(), "nobody's name or address"
    headers = page.headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/u/x", "text/html"),
        ("/u/" + "A" * 4000, "text/html"),
        ("/u/%00", "text/html"),
        ("/s/x", "text/html"),
        ("/nothing", "text/plain"),
        ("/hooks/other", "text/plain"),
    ],
)
def test_whatever_is_not_there_is_a_page_for_people_and_plain_text_for_programs(
    face: Any, path: str, kind: str
) -> None:
    answer = face.post(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert face.silent() == {}


@pytest.mark.parametrize("path", ["/u/x", "/s/x", "/u/x/again", "/p/x"])
@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT", "Dieser Link"),
        ("fr, de;q=0.5", "de", "Dieser Link"),
        ("de;q=0.1, en-GB", "en-GB", "This link"),
        ("de;q=0, *", "en", "This link"),
        ("de;q=x;;,, ,en_US;q=9" + "," * 500, "en", "This link"),
    ],
)
def test_a_bad_link_is_told_in_a_language_of_the_browser(
    face: Any, path: str, accepted: str, language: str, title: str
) -> None:
    take = face.post if path.startswith(("/s", "/u")) else face.get
    page = take(path, headers={"Accept-Language": accepted})
    assert page.status_code == 404
    assert f'<html lang="{language}" dir="ltr">' in page.text
    assert f"<h1>{title}" in page.text


@pytest.mark.parametrize("take", ["get", "post"])
def test_a_bad_link_in_a_browser_is_a_page_that_says_what_to_do(face: Any, take: str) -> None:
    page = getattr(face, take)("/u/x")
    assert page.status_code == 404
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert (
        "<h1>This link does not work</h1><p>This link is not complete; take it from the mail once more.</p>"
        in page.text
    )
    assert "<button" not in page.text


def test_a_long_body_is_refused_before_it_is_read(face: Any) -> None:
    assert face.post(f"/u/{face.token()}", content=b"x" * 20_000, headers=FORM).status_code == 413
    assert face.post("/hooks/postmark", content=b"x" * 2_500_000).status_code == 413
    assert face.silent() == {}


def test_a_fault_of_ours_is_no_word_about_anybody(served: Any, caplog: pytest.LogCaptureFixture) -> None:
    def broken(context: Any) -> Any:
        def fails(request: Any) -> Any:
            raise RuntimeError(f"person1@acme.example at {request.url}")

        return build(context, [Route("/fails", fails)])

    answer = served(broken).get("/fails?token=hush")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "acme" not in answer.text + caplog.text
    assert "hush" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
