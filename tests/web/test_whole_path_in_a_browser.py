"""A customer's whole path in Chromium: the mail as it left by SMTP, its link, a tick, a booking, the invitation."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from database.tables import FactRow
from onboarding.model.vocabulary import Channel, Concern
from tasks.delivery.deliver_all import deliver
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.browser import PHONE, opened, window
from tests.integrations.mail.smtp_server import MailServer, mail_server
from tests.web.test_booking import OURS, STAMP, another_customer
from tests.web.test_plan_in_a_browser import press

pytestmark = pytest.mark.slow
PAT, DEAL, ACCOUNT = "pat@co2.example", "002D", "002A"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as there:
        yield there


@pytest.fixture
def office(
    settings_of_the_face: None,
    web_server: tuple[Any, str],
    post: MailServer,
    served: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The web server under the address that mails name, and a mail server, on a Monday morning ahead."""
    monkeypatch.setenv("FIRST90_PUBLIC_URL", web_server[1])
    monkeypatch.setenv("FIRST90_MAIL", f"smtp://127.0.0.1:{post.port}?starttls=never")
    monkeypatch.setenv("FIRST90_MAIL_FROM", "onboarding@vendor.example")
    now = datetime.now(UTC)
    at = (now + timedelta(days=7 - now.weekday())).replace(hour=10, minute=0, second=0, microsecond=0)
    face = served()
    monkeypatch.setattr(type(face.context), "wall_clock", lambda self: at + (datetime.now(UTC) - now))
    return face


class Links(HTMLParser):
    """The addresses that the HTML part of a mail leads to, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def mails(post: MailServer, to: str) -> list[EmailMessage]:
    read = [message_from_bytes(one, policy=policy.default) for one in post.mails]
    return [one for one in read if isinstance(one, EmailMessage) and to in str(one["To"]).lower()]


def links(mail: EmailMessage) -> list[str]:
    reader, html = Links(), mail.get_body(("html",))
    assert html is not None
    reader.feed(html.get_content())
    return reader.found


def invitation(mail: EmailMessage) -> tuple[str, str, str]:
    """Return method, start and organizer's address of the invitation in a mail."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    read: Any = Calendar.from_ical(part.get_payload(decode=True))
    (event,) = read.events
    return str(read["method"]), event.start.strftime(STAMP), str(event["uid"])


def facts(context: RunContext) -> list[tuple[str, str]]:
    with context.database.reading() as conn:
        rows = conn.execute(select(FactRow).where(FactRow.onboarding_key == DEAL).order_by(FactRow.learned_at)).all()
    return [(row.kind, row.by) for row in rows if row.source == "page"]


def test_from_the_mail_to_the_tick_to_the_booking_to_the_invitation(
    office: Any, post: MailServer, browser: Any
) -> None:
    context: RunContext = office.context
    now = context.wall_clock()
    another_customer(office, 2, now - timedelta(minutes=30))
    review_named(context, [DEAL], now, "test", frozenset(Concern))
    deliver(context, now, Channel.MAIL, Scope(accounts=frozenset({ACCOUNT}), by="test"))
    (asked,) = [one for one in mails(post, PAT) if "ickoff" in one["Subject"]]
    (button,) = [one for one in links(asked) if one.endswith("#call")]
    assert button.startswith(f"{office.url}/p/")

    with window(browser, viewport=PHONE) as seen:
        for link in links(asked):
            if link.startswith(office.url):
                assert office.client.get(link).status_code == 200, "as a scanner of mail opens it"
        assert facts(context) == []
        seen.page.goto(button)
        assert "Co 2" in seen.page.title()
        press(seen.page, "Answer: Complete the security and compliance review")
        press(seen.page, "Yes, it is done")
        assert seen.page.get_by_role("status").inner_text().startswith("Thank you.")
        assert [kind for kind, _ in facts(context)] == ["milestone"]

        seen.page.goto(button)
        time = seen.page.locator(".day a").first
        words = " ".join(time.inner_text().split())
        about = str(time.get_attribute("href")).rpartition(".")[2]
        time.focus()
        with seen.page.expect_navigation():
            seen.page.keyboard.press("Enter")
        press(seen.page, "Book this time")
        assert seen.page.get_by_role("status").inner_text().startswith("It is settled.")
        press(seen.page, "Back to the plan")
        assert words.partition(", ")[0] in seen.page.get_by_role("region", name="Next call").inner_text()
        assert (seen.overhang, seen.complaints, seen.outside) == (0, [], [])

    assert office.settled()
    assert [kind for kind, _ in facts(context)] == ["milestone", "meeting"]
    assert {by for _, by in facts(context)} == {"Pat 2 on their plan page"}
    (theirs,) = [one for one in mails(post, PAT) if "text/calendar" in one.as_string()]
    (ours,) = mails(post, OURS)
    assert invitation(theirs) == invitation(ours), "one entry in the calendars of both sides"
    assert invitation(theirs)[:2] == ("REQUEST", about)
