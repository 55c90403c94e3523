"""Webhooks of mail providers: forged requests change nothing, and an event counts once (R19)."""

import base64
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from database.crm import upsert
from onboarding.model.crm_records import CrmContact
from tests.conftest import BOTH_DATABASES

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
STRANGER = ec.generate_private_key(ec.SECP256R1())
GUESSED = "whsec_" + base64.b64encode(b"g" * 24).decode()


def bounce(number: int | str, address: str, kind: str = "HardBounce", at: datetime = NOW) -> dict[str, Any]:
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"
    return {"RecordType": "Bounce", "ID": number, "Type": kind, "Email": address, "BouncedAt": moment}


def sendgrid(event_id: str, address: str, event: str = "bounce", at: datetime = NOW, **more: Any) -> dict[str, Any]:
    return {"sg_event_id": event_id, "email": address, "event": event, "timestamp": int(at.timestamp())} | more


def resend(address: str, event: str = "email.bounced", kind: str = "Permanent", at: datetime = NOW) -> dict[str, Any]:
    data = {"to": [address], "bounce": {"type": kind}}
    return {"type": event, "created_at": at.isoformat(), "data": data}


@BOTH_DATABASES
def test_each_provider_is_heard_in_its_own_words(face: Any) -> None:
    assert face.postmark(bounce(1, "Person1@Acme.example")).text == "1 new\n"
    assert face.sendgrid([sendgrid("a", "person2@acme.example", "spamreport")]).text == "1 new\n"
    assert face.resend(resend("person3@acme.example"), "msg_1").text == "1 new\n"
    assert face.silent() == {
        "person1@acme.example": "bounced",
        "person2@acme.example": "complained",
        "person3@acme.example": "bounced",
    }
    assert face.journal() == [
        "bounce: an address bounced",
        "complaint: one of our mails was reported as spam",
        "bounce: an address bounced",
    ]


MEANINGS: list[tuple[Callable[[Any, str], Any], str | None]] = [
    (lambda f, to: f.postmark(bounce(to, to, "Transient")), None),
    (lambda f, to: f.postmark(bounce(to, to, "Blocked")), None),
    (lambda f, to: f.postmark({"RecordType": "Open", "Recipient": to}), None),
    (
        lambda f, to: f.postmark(bounce(to, to) | {"RecordType": "SpamComplaint"}),
        "complained",
    ),
    (
        lambda f, to: f.postmark(
            {
                "RecordType": "SubscriptionChange",
                "Recipient": to,
                "ChangedAt": NOW.isoformat(),
                "MessageID": None,
                "SuppressSending": True,
                "SuppressionReason": "ManualSuppression",
            }
        ),
        "unsubscribed",
    ),
    (lambda f, to: f.sendgrid([sendgrid(to, to, type="blocked")]), None),
    (lambda f, to: f.sendgrid([sendgrid(to, to, "delivered")]), None),
    (lambda f, to: f.sendgrid([sendgrid(to, to, "group_unsubscribe")]), "unsubscribed"),
    (
        lambda f, to: f.sendgrid([sendgrid(to, to, "dropped", reason="Bounced Address")]),
        "bounced",
    ),
    (lambda f, to: f.resend(resend(to, kind="Transient"), to), None),
    (lambda f, to: f.resend(resend(to, "email.opened"), to), None),
    (lambda f, to: f.resend(resend(to, "email.complained"), to), "complained"),
]


def test_what_an_event_means(face: Any) -> None:
    wanted = {}
    for number, (send, silent) in enumerate(MEANINGS):
        assert send(face, f"p{number}@b.example").status_code == 200
        wanted |= {f"p{number}@b.example": silent} if silent else {}
    assert face.silent() == wanted


@BOTH_DATABASES
def test_a_temporary_refusal_counts_on_the_third_day_of_a_fortnight(face: Any) -> None:
    for number, ago in enumerate((20, 8, 8, 3)):
        face.postmark(bounce(number, "person1@acme.example", "SoftBounce", NOW - ago * DAY))
        assert face.silent() == {}
    face.postmark(bounce(9, "person1@acme.example", "SoftBounce", NOW))
    assert face.silent() == {"person1@acme.example": "bounced"}


@BOTH_DATABASES
def test_what_happened_last_holds_in_whatever_order_it_is_told(face: Any) -> None:
    told = [
        sendgrid("1", "person1@acme.example", "group_unsubscribe", NOW - 3 * DAY),
        sendgrid("2", "person1@acme.example", "group_resubscribe", NOW - 2 * DAY),
        sendgrid("3", "person2@acme.example", "group_resubscribe", NOW - 2 * DAY),
        sendgrid("4", "person2@acme.example", "group_unsubscribe", NOW - 1 * DAY),
    ]
    for one in (told[1], told[0], told[3], told[2]):
        face.sendgrid([one])
    assert face.silent() == {"person2@acme.example": "unsubscribed"}


FORGERIES: dict[str, Callable[[Any, str], Any]] = {
    "no login": lambda f, to: f.post("/hooks/postmark", json=bounce(7, to)),
    "another login": lambda f, to: f.postmark(bounce(7, to), "first90:a-long-password-of-ourS"),
    "another scheme": lambda f, to: f.post(
        "/hooks/postmark", json=bounce(7, to), headers={"Authorization": "Bearer x"}
    ),
    "another key": lambda f, to: f.sendgrid([sendgrid("f", to)], key=STRANGER),
    "a day old": lambda f, to: f.sendgrid([sendgrid("f", to)], at=NOW - DAY),
    "a day ahead": lambda f, to: f.sendgrid([sendgrid("f", to)], at=NOW + DAY),
    "no signature": lambda f, to: f.sendgrid([sendgrid("f", to)], headers={}),
    "another body": lambda f, to: f.sendgrid([sendgrid("f", to)], content=b"[]"),
    "another secret": lambda f, to: f.resend(resend(to), "f", secret=GUESSED),
    "yesterday": lambda f, to: f.resend(resend(to), "f", at=NOW - DAY),
    "unsigned": lambda f, to: f.resend(resend(to), "f", headers={}),
    "changed": lambda f, to: f.resend(resend(to), "f", content=b'{"type": "email.complained"}'),
}


def test_a_forged_post_is_refused_and_changes_nothing(face: Any) -> None:
    answers = {how: forge(face, "person1@acme.example").status_code for how, forge in FORGERIES.items()}
    assert answers == dict.fromkeys(FORGERIES, 401)
    assert (face.silent(), face.events(), face.journal()) == ({}, 0, [])


def test_a_true_post_that_says_nothing_changes_nothing(face: Any) -> None:
    login = ("first90", "a-long-password-of-ours")
    for body in (b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000):
        assert face.post("/hooks/postmark", content=body, auth=login).status_code == 400, body[:40]
    assert (face.silent(), face.events()) == ({}, 0)


ODD: dict[str, dict[str, Any]] = {
    "another alphabet": {"email": "j\u00fcrgen@kunde.example"},
    "quoted": {"email": '"a b"@kunde.example'},
    "no address": {"email": "no address"},
    "no address at all": {"email": None},
    "several": {"email": ["person1@acme.example"]},
    "half a character": {"email": "\ud800@kunde.example"},
    "no id": {"sg_event_id": ""},
    "a list for an id": {"sg_event_id": ["e"]},
    "an id no database keeps": {"sg_event_id": "e\x00\ud800"},
    "no kind": {"event": None},
    "a kind of tomorrow": {"event": "teleported"},
    "an object for a kind": {"event": {"bounce": 1}},
    "no moment": {"timestamp": None},
    "far ahead": {"timestamp": 253402300799},
    "a week ahead": {"timestamp": int((NOW + 7 * DAY).timestamp())},
    "before there were mails": {"timestamp": -62135596800},
    "beyond any calendar": {"timestamp": 10**30},
    "not finite": {"timestamp": float("inf")},
    "no number": {"timestamp": float("nan")},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_one_odd_event_keeps_no_other_out(face: Any, odd: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    batch = [
        sendgrid("a", "person1@acme.example"),
        sendgrid("e", "person3@acme.example") | odd,
        sendgrid("b", "person2@acme.example"),
    ]
    for told in ("2 new\n", "0 new\n"):
        answer = face.sendgrid(batch)
        assert (answer.status_code, answer.text) == (200, told)
    assert set(face.silent()) == {"person1@acme.example", "person2@acme.example"}
    assert odd == ODD["a kind of tomorrow"] or "webhook of sendgrid: passed over 1 of its events: " in caplog.text
    assert "@" not in caplog.text


def test_what_is_no_event_at_all_keeps_no_other_out(face: Any) -> None:
    login = ("first90", "a-long-password-of-ours")
    true = sendgrid("a", "person1@acme.example")
    assert face.sendgrid([None, 7, "bounce", [true], true]).text == "1 new\n"
    body = resend("person2@acme.example")
    body["data"]["to"] = ["j\u00fcrgen@kunde.example", None, "person2@acme.example"]
    assert face.resend(body, "m").text == "1 new\n"
    for odd in ({}, {"RecordType": ["Bounce"]}, bounce(5, "no address"), bounce("\x00", "a@kunde.example")):
        answer = face.post("/hooks/postmark", json=odd, auth=login)
        assert (answer.status_code, answer.text) == (200, "0 new\n"), odd
    for odd in ({}, {"type": "email.bounced"}, {"type": "email.bounced", "data": {"to": []}}):
        assert face.resend(odd, "n").text == "0 new\n", odd
    assert set(face.silent()) == {"person1@acme.example", "person2@acme.example"}


def test_a_provider_that_is_not_set_has_no_page(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRST90_RESEND_HOOK_SECRET")
    face = served()
    assert face.resend(resend("person1@acme.example"), "m").status_code == 404
    assert face.events() == 0


@dataclass
class Traffic:
    """A thousand requests of three providers: 750 real ones, 150 repeats, and 100 forged ones."""

    posts: list[Callable[[Any], Any]]

    def through(self, face: Any) -> Counter[str]:
        """Send them eight at a time; return the responses."""
        with ThreadPoolExecutor(8) as pool:
            answers = [one.result() for one in [pool.submit(post, face) for post in self.posts]]
        return Counter(answer.text.strip() if answer.status_code == 200 else answer.status_code for answer in answers)


@pytest.fixture
def traffic() -> Traffic:
    chance, true = random.Random(19), []
    for number in range(250):
        to, event = f"crowd{number}@acme.example", f"e{number}"
        true += [
            lambda f, to=to, number=number: f.postmark(bounce(number, to, "SpamComplaint")),
            lambda f, to=to, event=event: f.sendgrid([sendgrid(event, to, "group_unsubscribe")]),
            lambda f, to=to, event=event: f.resend(resend(to), event),
        ]
    forged = [lambda f, how=how: how(f, "person1@acme.example") for how in FORGERIES.values()]
    posts = [*true, *chance.sample(true, 150), *(forged * 9)[:100]]
    chance.shuffle(posts)
    return Traffic(posts)


@BOTH_DATABASES
@pytest.mark.slow
def test_an_event_is_taken_in_once_however_often_it_comes(
    face: Any, traffic: Traffic, proof: Callable[[str], None]
) -> None:
    """R19: at once, many twice, out of order, some forged. The journal shows how often each was applied."""
    with face.context.database.writing() as conn:
        crowd = [
            CrmContact(id=f"003X{n}", account_id="001A", name=f"Crowd {n}", email=f"crowd{n}@acme.example")
            for n in range(250)
        ]
        upsert.take_contacts(conn, crowd)
    assert traffic.through(face) == {"1 new": 750, "0 new": 150, 401: 100}
    applied = Counter(line.partition(":")[0] for line in face.journal())
    assert applied == {"complaint": 250, "unsubscribe": 250, "bounce": 250}
    forged = int("person1@acme.example" in face.silent())
    twice = sum(applied.values()) - 750
    assert (twice, forged, face.events()) == (0, 0, 750)
    proof(f"WEBHOOK {face.context.database.dialect} n={len(traffic.posts)} twice={twice} forged={forged}")


@pytest.mark.slow
def test_the_same_traffic_fools_whoever_does_not_look(
    served: Callable[..., Any], traffic: Traffic, proof: Callable[[str], None]
) -> None:
    """The control: a receiver that accepts every request counts the repeats and the forgeries too."""
    heard: list[str] = []

    def credulous(context: Any) -> Starlette:
        async def take(request: Any) -> PlainTextResponse:
            heard.append((await request.body()).decode())
            return PlainTextResponse("1 new")

        return Starlette(routes=[Route("/hooks/{provider}", take, methods=["POST"])])

    traffic.through(served(credulous))
    forged = sum("person1@acme.example" in body for body in heard)
    twice = len(heard) - len(set(heard)) - forged
    assert twice > 100
    assert forged > 50
    proof(f"WEBHOOK control n={len(heard)} twice={twice} forged={forged} (as it must)")
