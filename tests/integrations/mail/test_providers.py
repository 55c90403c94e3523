"""Mail over HTTP to a strict provider behind a real socket: accepted bodies, and the result of each response."""

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings.mail_senders import PROVIDERS, HttpMail
from database.outbox.ledger import TIMEOUT_SECONDS
from integrations import far_clocks
from integrations.mail.http_sender import TIMEOUT
from integrations.mail.parts import digest
from integrations.mail.providers import open_provider
from integrations.mail.resend.sender import idempotency_key
from integrations.mail.retry_after import seconds_to_wait
from integrations.ports import OutgoingMessage, Unreachable
from onboarding.effects.send_result import ResultState, SendResult
from tests.integrations.mail.certificates import Authority
from tests.integrations.mail.http_providers import DAY, TOKEN, HttpProvider, Kind, http_provider
from tests.integrations.mail.test_invitation import CALENDAR
from tests.integrations.mail.test_message import HOSTILE

MakeParcel = Callable[..., OutgoingMessage]


def sender_to(there: HttpProvider, token: str = TOKEN, connections: int = 3) -> Any:
    choice = HttpMail(provider=there.kind, token=SecretStr(token), api_url=there.url, connections=connections)
    return closing(open_provider(choice))


@pytest.fixture(params=PROVIDERS)
def there(request: pytest.FixtureRequest) -> Iterator[HttpProvider]:
    with http_provider(request.param) as provider:
        yield provider


def sent(there: HttpProvider, outgoing: OutgoingMessage, **more: Any) -> SendResult:
    with sender_to(there, **more) as sender:
        (outcome,) = sender.send([outgoing])
    assert isinstance(outcome, SendResult)
    for secret in ("ann.lee", "acme", TOKEN):
        assert secret not in str(outcome)
    return outcome


def test_a_mail_is_taken_under_the_providers_id(there: HttpProvider, outgoing: MakeParcel) -> None:
    assert sent(there, outgoing()) == SendResult(state=ResultState.SENT, provider_id=f"{there.kind}-1")
    assert list(there.delivered) == [outgoing().key]


def test_each_answer_says_how_far_this_machines_clock_is_ahead(there: HttpProvider, outgoing: MakeParcel) -> None:
    sent(there, outgoing())
    (one,) = far_clocks.heard().values()
    assert abs(one.ahead) < timedelta(seconds=5)


def test_an_invitation_and_a_way_to_unsubscribe_are_taken_too(there: HttpProvider, outgoing: MakeParcel) -> None:
    more = {"purpose": "promotional", "unsubscribe_url": "https://onboarding.northbeam.example/u/1"}
    assert sent(there, outgoing(calendar=CALENDAR, **more)).state == "sent"
    text = json.dumps(there.mails[0])
    for word in ("invite.ics", "text/calendar", "List-Unsubscribe=One-Click", "auto-generated", "@northbeam.example>"):
        assert word in text


def test_every_try_has_the_same_bytes(there: HttpProvider, outgoing: MakeParcel) -> None:
    there.trouble = "body 503"
    sent(there, outgoing(calendar=CALENDAR))
    there.trouble = None
    again = OutgoingMessage(key=outgoing().key, payload=dict(reversed(outgoing(calendar=CALENDAR).payload.items())))
    assert sent(there, again).state == "sent"
    there.trouble = "head close"
    assert len(set(there.bodies)) == 1


@pytest.mark.parametrize("body", ["a\r\n.\r\nb", "a\rb\n.c", ".", "\0a\ud800b"])
def test_whatever_stands_in_a_body_it_arrives_as_one_mail(there: HttpProvider, outgoing: MakeParcel, body: str) -> None:
    assert sent(there, outgoing(text=body, html=None)).state == "sent"
    given = there.mails[0]
    text = given.get("text") or given.get("TextBody") or given["content"][0]["value"]
    clean = body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\ud800", "?")
    assert text == clean


@pytest.mark.slow
@pytest.mark.parametrize("kind", PROVIDERS)
def test_no_name_changes_a_recipient_or_is_refused(kind: Kind, outgoing: MakeParcel) -> None:
    chance = random.Random(90)
    with http_provider(kind) as there, sender_to(there, connections=1) as sender:
        for number in range(300):
            name, subject = ("".join(chance.choices(HOSTILE, k=chance.randint(1, 9))) for _ in range(2))
            more = {"to_name": name, "sender_name": name, "reply_to_name": name, "subject": f"Hi {subject}"}
            (outcome,) = sender.send([outgoing(number, **more)])
            assert outcome.state == "sent", (name, outcome)
    for mail in there.mails:
        to = mail.get("To") or mail.get("to") or mail["personalizations"][0]["to"]
        assert "ann.lee@acme.example" in str(to)
        assert set(mail) & {"bcc", "Bcc", "cc", "Cc"} == set()


DATE, MOMENT = "{a date in 90 seconds}", "{seconds since 1970, in 90 seconds}"


@pytest.mark.parametrize(
    ("trouble", "headers", "state", "kept", "wait"),
    [
        ("body 429", {"Retry-After": "0"}, "transient", 0, 0),
        ("body 429", {"Retry-After": "1"}, "transient", 0, 1),
        ("body 429", {"Retry-After": "30"}, "transient", 0, 30),
        ("body 429", {"Retry-After": "3600"}, "transient", 0, 3600),
        ("body 429", {"Retry-After": "soon"}, "transient", 0, None),
        ("body 429", {"Retry-After": "-5"}, "transient", 0, None),
        ("body 429", {"Retry-After": DATE}, "transient", 0, 90),
        ("body 429", {"X-RateLimit-Reset": MOMENT}, "transient", 0, 90),
        ("body 429", {"ratelimit-reset": "7"}, "transient", 0, 7),
        ("body 503", {"Retry-After": "30"}, "transient", 0, 30),
        ("body 401", {}, "transient", 0, None),
        ("body 403", {}, "transient", 0, None),
        ("body 404", {}, "transient", 0, None),
        ("body 302", {"Location": "https://elsewhere.example/"}, "transient", 0, None),
        ("body 400", {}, "permanent", 0, None),
        ("body 413", {}, "permanent", 0, None),
        ("body 422", {}, "permanent", 0, None),
        ("body 500", {}, "unknown", 0, None),
        ("body 502", {}, "unknown", 0, None),
        ("body 504", {}, "unknown", 0, None),
        ("body close", {}, "unknown", 0, None),
        ("body reset", {}, "unknown", 0, None),
        ("delivered close", {}, "unknown", 1, None),
        ("delivered reset", {}, "unknown", 1, None),
        ("delivered half", {}, "unknown", 1, None),
        ("delivered 502", {}, "unknown", 1, None),
    ],
)
def test_what_an_answer_means(
    there: HttpProvider, outgoing: MakeParcel, trouble: str, headers: Any, state: str, kept: int, wait: float | None
) -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    means = {DATE: format_datetime(later, usegmt=True), MOMENT: str(int(later.timestamp()))}
    there.headers = {name: means.get(value, value) for name, value in headers.items()}
    there.trouble, there.page = trouble, "<html>not JSON: ann.lee@acme.example</html>"
    outcome = sent(there, outgoing())
    assert (outcome.state, sum(there.delivered.values())) == (state, kept)
    assert outcome.error
    assert outcome.channel_down == (trouble.split()[1] in ("401", "403", "404", "302"))
    if wait is None:
        assert outcome.retry_after is None
    else:
        assert outcome.retry_after == pytest.approx(wait, abs=5)
    assert len(there.requests) == 1, "a provider repeats nothing by itself"


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_refused_connection_is_a_fault_of_the_channel(name: Kind, outgoing: MakeParcel) -> None:
    with http_provider(name) as gone:
        pass
    outcome = sent(gone, outgoing())
    assert outcome.state == "transient"
    assert "before it had the mail" in (outcome.error or "")


def test_a_connection_lost_in_the_middle_of_a_mail_was_no_delivery(there: HttpProvider, outgoing: MakeParcel) -> None:
    there.trouble = "head reset"
    outcome = sent(there, outgoing(text="x" * 20_000_000))
    assert outcome.state == "transient"
    assert there.bodies == []


def test_one_send_takes_no_longer_than_the_lease_allows() -> None:
    spans = [TIMEOUT.connect, TIMEOUT.write, TIMEOUT.read, TIMEOUT.pool]
    assert sum(span for span in spans if span) <= TIMEOUT_SECONDS
    assert None not in spans


def test_threads_share_one_client_and_its_connections(there: HttpProvider, outgoing: MakeParcel) -> None:
    with sender_to(there, connections=4) as sender, ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(lambda number: sender.send([outgoing(number)])[0], range(100)))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert set(there.delivered.values()) == {1}
    assert there.connections <= 4


@pytest.mark.parametrize("kind", ["stranger", "another host", "expired"])
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_with_a_bad_certificate_gets_nothing(
    name: Kind, kind: str, outgoing: MakeParcel, protect: Any, trusting: Authority
) -> None:
    with http_provider(name, protect(kind)) as there:
        outcome = sent(there, outgoing())
    assert outcome.state == "transient"
    assert "its certificate is not trusted" in (outcome.error or "")
    assert there.requests == []


def test_a_trusted_certificate_is_enough(outgoing: MakeParcel, protect: Any, trusting: Authority) -> None:
    with http_provider("resend", protect("good")) as there:
        assert sent(there, outgoing()).state == "sent"


def test_check_asks_something_harmless(there: HttpProvider) -> None:
    with sender_to(there) as sender:
        assert sender.check() == "the token is good"
    assert [request.split()[0] for request in there.requests] == ["GET"]
    with sender_to(there, token="another") as sender:
        with pytest.raises(Unreachable, match="check FIRST90_MAIL_TOKEN") as caught:
            sender.check()
        assert "another" not in f"{caught.value!r}{sender!r}{sender._client!r}"
    assert there.mails == []


# Resend: a key that is remembered for a day


def test_resend_takes_a_repeat_for_the_same_mail_as_long_as_the_key_lives(outgoing: MakeParcel) -> None:
    with http_provider("resend") as there:
        first, second = sent(there, outgoing()), sent(there, outgoing())
        assert first == second
        assert set(there.delivered.values()) == {1}
        there.now = DAY + 1
        sent(there, outgoing())
        assert set(there.delivered.values()) == {2}, "which is why the ledger must know how long a key lives"
        with sender_to(there) as sender:
            assert sender.key_life == timedelta(hours=24)


def test_another_mail_under_a_known_key_is_a_fault_of_ours(outgoing: MakeParcel) -> None:
    with http_provider("resend") as there:
        sent(there, outgoing())
        outcome = sent(there, outgoing(text="another"))
    assert (outcome.state, outcome.error) == ("permanent", "Resend knows this key with another mail (409)")


@pytest.mark.parametrize(
    ("status", "name", "state"),
    [
        (409, "concurrent_idempotent_requests", "transient"),
        (409, "invalid_idempotent_request", "permanent"),
        (400, "invalid_idempotency_key", "permanent"),
        (429, "daily_quota_exceeded", "transient"),
        (403, "invalid_api_key", "transient"),
        (403, "validation_error", "transient"),
        (422, "missing_required_field", "permanent"),
    ],
)
def test_resends_own_words(outgoing: MakeParcel, status: int, name: str, state: str) -> None:
    with http_provider("resend") as there:
        there.trouble, there.page = f"body {status}", {"statusCode": status, "name": name, "message": "…"}
        assert sent(there, outgoing()).state == state


@pytest.mark.parametrize("key", ["a:b:c", "x" * 257, "ä", "a b", "a\nb", ""])
def test_a_key_fits_into_resends_header(key: str) -> None:
    fitted = idempotency_key(key)
    assert 1 <= len(fitted) <= 256
    assert fitted.isascii()
    assert fitted == key or fitted == digest(key)


# Postmark: a 200 that is a refusal, and the lookup of a mail


@pytest.mark.parametrize(
    ("code", "state"),
    [(406, "permanent"), (300, "permanent"), (400, "transient"), (405, "transient"), (413, "transient"), (0, "sent")],
)
def test_a_200_of_postmark_may_be_a_refusal(outgoing: MakeParcel, code: int, state: str) -> None:
    with http_provider("postmark") as there:
        there.refusal = {"ErrorCode": code, "Message": "to ann.lee@acme.example", "MessageID": "m-1"}
        assert sent(there, outgoing()).state == state


def test_an_inactive_recipient_is_told_as_such(outgoing: MakeParcel) -> None:
    with http_provider("postmark") as there:
        there.trouble, there.page = "body 422", {"ErrorCode": 406, "Message": "ann.lee@acme.example is inactive"}
        outcome = sent(there, outgoing())
    assert outcome.state == "permanent"
    assert outcome.error == "the recipient was refused (406: it bounced or complained before)"


def test_postmark_knows_what_became_of_a_mail(outgoing: MakeParcel) -> None:
    with http_provider("postmark") as there, sender_to(there) as sender:
        there.trouble = "delivered close"
        (outcome,) = sender.send([outgoing(1)])
        assert outcome.state == "unknown"
        assert sender.find(outgoing(1).key) == "postmark-1"
        assert sender.find(outgoing(2).key) is None


def test_postmark_that_gives_no_answer_is_not_taken_for_a_no(outgoing: MakeParcel) -> None:
    with http_provider("postmark") as there, sender_to(there, token="wrong") as sender, pytest.raises(Unreachable):
        sender.find(outgoing().key)
    with sender_to(there) as sender, pytest.raises(Unreachable):
        sender.find(outgoing().key)


def test_a_date_to_wait_for_counts_from_the_providers_own_clock() -> None:
    theirs = datetime(2020, 1, 1, 12, tzinfo=UTC)
    headers = {"date": format_datetime(theirs, usegmt=True)}
    headers["retry-after"] = format_datetime(theirs + timedelta(minutes=10), usegmt=True)
    assert seconds_to_wait(headers) == 600
    assert seconds_to_wait({}) is None
