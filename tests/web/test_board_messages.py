"""A mail on the board: as it was sent, without what acts for its reader."""

from datetime import UTC, datetime
from typing import Any

import pytest

from config.settings.load import load_settings
from database.outbox.payloads import StoredMessage
from onboarding.effects.payloads import MailPayload
from onboarding.model.vocabulary import Channel, SurveyKind
from tasks.runtime.links import Link, survey_url, unsubscribe_url
from web.board.messages import mail_html, message_view

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LINK = Link("0035g00000AbCdEFGH", "0065g00000AbCdEFGH")


@pytest.fixture
def database_url() -> str:
    """Return no database: a stored message needs none."""
    return "sqlite:////nowhere/at/all.db"


@pytest.mark.parametrize("kind", [SurveyKind.CES, SurveyKind.CSAT, SurveyKind.NPS])
def test_nobody_can_answer_a_survey_or_unsubscribe_in_the_place_of_a_mails_reader(
    settings_of_the_face: Any, kind: SurveyKind
) -> None:
    settings = load_settings(env_file=None)
    survey = survey_url(settings, kind, LINK, NOW)
    stop = unsubscribe_url(settings, LINK.person_id, LINK.onboarding_key, NOW)
    mail = MailPayload(
        key="k",
        to="person@acme.example",
        sender="us@vendor.example",
        subject="Hello",
        text=f"How easy was it?\n{survey}\n({stop}) https://vendor.example/u/guide",
        html=f'<a href="{survey}">answer</a> <a href="{stop}">stop</a> <a href="https://vendor.example/s/help">help</a>',
        date=NOW,
        unsubscribe_url=stop,
    )
    stored = StoredMessage(
        kind="check_in_90", channel=Channel.MAIL, recipient=mail.to, sent_at=NOW, payload=mail.stored()
    )

    (text,) = message_view(stored, "Acme", "006A")["lines"]

    assert text == "How easy was it?\n#\n(#) https://vendor.example/u/guide"
    assert mail_html(stored) == (
        '<a href="#">answer</a> <a href="#">stop</a> <a href="https://vendor.example/s/help">help</a>'
    )


@pytest.mark.parametrize(("channel", "payload"), [(Channel.MAIL, {"subject": "Hello"}), (Channel.SLACK, {"ts": "1"})])
def test_a_message_that_cannot_be_read_has_a_page_that_says_so(channel: Channel, payload: dict[str, str]) -> None:
    message = StoredMessage(kind="welcome", channel=channel, recipient="a@b.example", sent_at=NOW, payload=payload)
    assert message_view(message, "Acme", "k")["lines"] is None
    assert mail_html(message) is None
