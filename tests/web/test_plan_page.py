"""The plan page by its link: what opens it, each form once, and a link anew to the known address only."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from database.crm import upsert
from database.onboardings import cases
from database.tables import AccountRow, DealRow, EffectRow, FactRow, OnboardingRow
from onboarding.model.crm_records import CrmContact
from onboarding.model.vocabulary import FactKind, Stage, Status
from onboarding.orders import FactReport, Order
from tasks.commands.erasure import forget
from tasks.plan_page.links import make_link, revoke_links
from tasks.plan_page.resend import send_anew
from tasks.runtime.links import PLAN, Link, plan_address, sign, without_signed_links
from tasks.runtime.refusals import Refused
from web.plan.serving import MOST

WHO = {"name": "Nora Neu", "email": "nora@acme.example", "role": "end_user"}


def page(face: Any, person: int = 1, number: int = 0, at: datetime | None = None) -> str:
    url = plan_address(face.context.settings, Link(f"003{person}", "006A"), number, at or datetime.now(UTC))
    return "/p/" + url.rpartition("/p/")[2]


def form_of(text: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', text)
    assert found, text
    return found[1]


def facts(face: Any, kind: FactKind | None = None) -> list[Any]:
    with face.context.database.reading() as conn:
        rows = conn.execute(select(FactRow)).all()
    return [row for row in rows if kind is None or row.kind == kind.value]


def mails(face: Any) -> list[tuple[str, str]]:
    with face.context.database.reading() as conn:
        return [(row.kind, row.recipient) for row in conn.execute(select(EffectRow)).all()]


def report(at: datetime | None = None) -> FactReport:
    return FactReport(by="cleo@vendor.example", now=at or datetime.now(UTC))


def test_the_page_of_one_person_is_kept_nowhere_and_names_no_referrer(face: Any) -> None:
    shown = face.get(page(face))
    assert shown.status_code == 200
    assert "The plan of Acme" in shown.text
    assert "Person 1" in shown.text
    assert "<script" not in shown.text
    headers = shown.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert face.get(page(face) + "/").status_code == 200


@pytest.mark.slow
def test_scanners_that_open_every_link_change_nothing(face: Any) -> None:
    here, before = page(face), len(face.journal())
    seen, todo = set(), [here]
    while todo:
        path = todo.pop()
        seen.add(path)
        shown = face.get(path)
        assert shown.status_code == 200
        assert face.client.head(face.url + path).status_code == 200
        for link in re.findall(r'href="((?!mailto|http|#)[^"]+)"', shown.text):
            found = str(shown.url.join(link)).removeprefix(face.url)
            todo += [found] if found.startswith("/p/") and found not in seen | set(todo) else []
    assert f"{here}/who" in seen
    assert (facts(face), len(face.journal()), mails(face)) == ([], before, [])


def test_no_link_is_guessed_flipped_of_another_purpose_or_of_another_person(face: Any) -> None:
    good = page(face).removeprefix("/p/")
    other = sign(face.context.settings, Link("0031", "006A"), datetime.now(UTC))
    wrong = [other, "x", "." * 200, good + "A", good[:-1], f"{good}.", "%00", "..%2f..%2fboard", "A" * 5000]
    wrong += [
        good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :] for place in range(0, len(good), 9)
    ]
    for token in wrong:
        answer = face.get(f"/p/{token}")
        assert answer.status_code == 404, token
        assert "The plan of" not in answer.text
        assert face.post(f"/p/{token}/who", data={**WHO, "form": "x"}).status_code == 404
    assert face.get(f"/u/{good}").status_code == 404
    assert face.get(f"/s/{good}").status_code == 404
    assert face.get("/board", params={"link": good}).status_code == 401
    assert facts(face) == []


def test_a_revoked_link_is_dead_and_the_next_one_lives(face: Any) -> None:
    first = page(face)
    assert revoke_links(face.context, report(), "006A", "person1@ACME.example") == "Person 1"
    dead = face.get(first)
    assert dead.status_code == 404
    assert "withdrawn" in dead.text
    made = make_link(face.context, report(), "006A", "Person1@acme.example")
    assert made.url.rpartition("/p/")[2] != first.removeprefix("/p/")
    assert face.get("/p/" + made.url.rpartition("/p/")[2]).status_code == 200
    assert face.get(page(face, 2)).status_code == 200, "the others keep theirs"
    [fact] = facts(face, FactKind.PLAN_LINK)
    assert (fact.name, fact.by, fact.source) == ("0031", "cleo@vendor.example", "plan link")
    assert "plan_link: all links of this person to the plan page are revoked" in face.journal()


def test_a_link_ends_with_its_age_and_some_time_after_the_onboarding(face: Any) -> None:
    now = datetime.now(UTC)
    assert "too old" in face.get(page(face, at=now - timedelta(days=401))).text

    def completed(days_ago: int, status: Status = Status.COMPLETED) -> None:
        times = {Stage.HANDOFF.value: now.isoformat(), "done": (now - timedelta(days=days_ago)).isoformat()}
        with face.context.database.writing() as conn:
            closed = "their order" if status is Status.CANCELLED else None
            changed = {"status": status.value, "stage": "done", "stage_times": times, "closed_reason": closed}
            conn.execute(update(OnboardingRow).values(changed))

    completed(29)
    assert face.get(page(face)).status_code == 200
    completed(31)
    over = face.get(page(face)).text
    assert "The plan is closed" in over
    assert "Reply to any mail of ours" in over
    assert "<form" not in over, "no link could be sent"
    completed(1, Status.CANCELLED)
    assert face.get(page(face)).status_code == 404


@pytest.mark.slow
def test_who_left_or_was_erased_has_no_page(face: Any) -> None:
    gone = CrmContact(
        id="0032", account_id="001A", name="Person 2", email="Person2@acme.example", left_on=date(2026, 3, 9)
    )
    with face.context.database.writing() as conn:
        upsert.take_contacts(conn, [gone])
    assert face.get(page(face, 2)).status_code == 404
    with pytest.raises(Refused, match="may have a page"):
        make_link(face.context, report(), "006A", "person2@acme.example")
    here = page(face, 3)
    assert face.get(here).status_code == 200
    forget(face.context, Order(by="jo@vendor.example", now=datetime.now(UTC), reason="asked"), "Person3@acme.example")
    assert face.get(here).status_code == 404
    assert face.get(page(face, 7)).status_code == 404, "signed for nobody we know"


def test_this_is_not_me_gives_nobody_a_link_until_one_of_us_confirms(face: Any) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    said = face.post(f"{here}/who", data={**WHO, "form": form})
    assert (said.status_code, "One of us confirms it" in said.text) == (200, True)
    [fact] = facts(face)
    assert (fact.kind, fact.source, fact.by) == ("person_named", "page", "Person 1 on their plan page")
    assert fact.value == {**WHO, "instead": True, "person": "0031"}
    assert "person_named: named on the plan page; one of us has to confirm them" in face.journal()
    asked_anew(face, "/p/nothing", email="nora@acme.example")
    assert mails(face) == [], "no link yet"

    made = make_link(face.context, report(), "006A", "Nora@acme.example")
    assert (made.person, made.confirmed) == ("Nora Neu", True)
    shown = face.get("/p/" + made.url.rpartition("/p/")[2])
    assert "For Nora Neu" in shown.text
    assert make_link(face.context, report(), "006A", "nora@acme.example").confirmed is False
    with pytest.raises(Refused):
        make_link(face.context, report(), "006A", "mallory@elsewhere.example")


def test_who_was_confirmed_from_the_page_is_sent_a_link_to_their_address(face: Any) -> None:
    here = page(face)
    face.post(f"{here}/who", data={**WHO, "form": form_of(face.get(f"{here}/who").text)})
    make_link(face.context, report(), "006A", "nora@acme.example")
    asked_anew(face, "/p/whatever", email="NORA@acme.example")
    assert mails(face) == [("plan_link", "nora@acme.example")]


def test_the_same_form_sent_again_changes_nothing(face: Any) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    face.post(f"{here}/who", data={**WHO, "form": form})
    again = face.post(f"{here}/who", data={**WHO, "email": "mallory@evil.example", "form": form})
    assert "You had sent this before" in again.text
    assert [fact.value["email"] for fact in facts(face)] == ["nora@acme.example"]


def test_a_form_belongs_to_one_reader_and_one_question(face: Any) -> None:
    theirs = form_of(face.get(f"{page(face, 2)}/who").text)
    here = page(face)
    for form in ("", "x", theirs, form_of(face.get(f"{here}/who").text)[:-2] + "xx", here.removeprefix("/p/")):
        assert face.post(f"{here}/who", data={**WHO, "form": form}).status_code == 403
    assert face.post(f"{here}/nothing", data={"form": theirs}).status_code == 404
    assert face.post(f"{here}/who", json={**WHO, "form": theirs}).status_code == 403
    assert facts(face) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://onboarding.vendor.example.evil.example"},
    ],
)
def test_another_site_cannot_send_a_form(face: Any, headers: dict[str, str]) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    assert face.post(f"{here}/who", data={**WHO, "form": form}, headers=headers).status_code == 403
    assert face.post("/p/x/again", data={"email": "person1@acme.example"}, headers=headers).status_code == 403
    assert (facts(face), mails(face)) == ([], [])


@pytest.mark.parametrize("origin", ["null", "https://onboarding.vendor.example"])
def test_our_own_page_can(face: Any, origin: str) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert face.post(f"{here}/who", data={**WHO, "form": form}, headers=headers).status_code == 200


@pytest.mark.slow
def test_what_is_too_large_too_much_or_too_often_is_refused(face: Any) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    assert face.post(f"{here}/who", data={"form": form, "comment": "x" * MOST}).status_code == 413
    assert face.post(f"{here}/who", data={str(number): "" for number in range(50)}).status_code == 400
    too_long = face.post(f"{here}/who", data={**WHO, "name": "x" * 200, "form": form})
    assert (too_long.status_code, "at most 80 characters" in too_long.text) == (400, True)
    statuses = [face.post(f"{here}/who", data={"form": "x"}).status_code for _ in range(31)]
    assert statuses[-1] == 429
    assert face.get(here).status_code == 200
    assert facts(face) == []


def test_a_wrong_answer_comes_back_at_its_field(face: Any) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    hostile = '"><script>alert(1)</script>'
    shown = face.post(
        f"{here}/who", data={"form": form, "name": hostile, "email": "two@a.example,b@c.example", "role": "king"}
    )
    assert shown.status_code == 400
    assert "Choose one of these." in shown.text
    assert "<script" not in shown.text
    assert "&lt;script&gt;" in shown.text
    wrong = {**WHO, "form": form_of(shown.text), "email": "x@y.example\r\nBcc: z@y.example"}
    assert "Write one mail address" in face.post(f"{here}/who", data=wrong).text
    assert face.post(f"{here}/who", data={**WHO, "form": form_of(shown.text)}).status_code == 200


def test_an_old_form_changes_nothing(face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = page(face)
    form = form_of(face.get(f"{here}/who").text)
    monkeypatch.setattr("tasks.plan_page.answers.FORM_VALID", timedelta(0))
    assert face.post(f"{here}/who", data={**WHO, "form": form}).status_code == 409
    assert facts(face) == []


def asked_anew(face: Any, path: str, **form: str) -> str:
    answer = face.post(f"{path}/again", data=form)
    assert answer.status_code == 200
    assert face.settled()
    return str(answer.text)


def test_a_link_is_sent_anew_to_the_known_address_only_and_the_answer_tells_nothing(face: Any) -> None:
    old = page(face, at=datetime.now(UTC) - timedelta(days=500))
    assert "Send me the link" in face.get(old).text
    known = asked_anew(face, old, email="mallory@evil.example")
    assert mails(face) == [("plan_link", "Person1@acme.example")]
    unknown = asked_anew(face, "/p/whatever", email="nobody@acme.example")
    assert known == unknown
    assert asked_anew(face, "/p/whatever", email="PERSON2@acme.example") == unknown
    assert asked_anew(face, "/p/whatever", email="no address\r\nBcc: x@y.example") == unknown
    assert asked_anew(face, page(face, 7)) == unknown
    assert asked_anew(face, "/p/whatever") == unknown
    assert mails(face) == [("plan_link", "Person1@acme.example"), ("plan_link", "Person2@acme.example")]
    asked_anew(face, old)
    assert len(mails(face)) == 2, "one in some hours"
    assert [face.post(f"{old}/again").status_code for _ in range(3)][-1] == 429


def test_a_revoked_link_can_be_asked_anew_too_and_an_ended_plan_sends_none(face: Any) -> None:
    first = page(face)
    revoke_links(face.context, report(), "006A", "person1@acme.example")
    asked_anew(face, first)
    assert mails(face) == [("plan_link", "Person1@acme.example")]
    with face.context.database.writing() as conn:
        conn.execute(update(OnboardingRow).values(status=Status.CHURNED.value, closed_reason="gone"))
    asked_anew(face, page(face, 2))
    assert len(mails(face)) == 1


@pytest.fixture
def earlier(face: Any) -> Callable[[int, Status], None]:
    """Return a function that gives the customer so many onboardings more, with higher keys and signed earlier."""

    def add(number: int, status: Status) -> None:
        with face.context.database.writing() as conn:
            opened = conn.execute(select(OnboardingRow)).one()._mapping
            sold = conn.execute(select(DealRow)).one()._mapping
            for days in range(1, number + 1):
                at, key = opened["signed_at"] - timedelta(days=days), f"006B{days:02}"
                more = {"key": key, "signed_at": at, "status": status.value, "closed_reason": "over"}
                conn.execute(insert(OnboardingRow).values({**opened, **more}))
                conn.execute(insert(DealRow).values({**sold, "id": key, "onboarding_key": key, "signed_at": at}))

    return add


def keys(face: Any) -> list[str]:
    with face.context.database.reading() as conn:
        return sorted(conn.execute(select(EffectRow.onboarding_key)).scalars())


def test_closed_onboardings_of_an_address_do_not_hide_the_open_one(face: Any, earlier: Any) -> None:
    earlier(12, Status.CHURNED)
    asked_anew(face, "/p/whatever", email="person2@acme.example")
    assert keys(face) == ["006A"]


def test_of_many_open_onboardings_the_newest_get_a_link(face: Any, earlier: Any) -> None:
    earlier(12, Status.ACTIVE)
    asked_anew(face, "/p/whatever", email="person2@acme.example")
    assert keys(face) == ["006A", *(f"006B{days:02}" for days in range(1, 10))]


def test_readers_are_looked_for_together_and_hold_up_nobody_who_writes(
    face: Any, earlier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(3, Status.ACTIVE)
    database, load, steps = face.context.database, cases.load, []
    reading, writing = database.reading, database.writing

    def read(conn: Any, asked: Any, *more: Any) -> Any:
        steps.append(f"read {len(asked)}")
        return load(conn, asked, *more)

    @contextmanager
    def noted(kind: str, begin: Any) -> Iterator[Any]:
        steps.append(kind)
        with begin() as conn:
            yield conn
        steps.append("end")

    monkeypatch.setattr(cases, "load", read)
    monkeypatch.setattr(type(database), "reading", lambda self: noted("reading", reading))
    monkeypatch.setattr(type(database), "writing", lambda self: noted("writing", writing))
    send_anew(face.context, "whatever", "nobody@acme.example")
    assert steps == ["reading", "read 0", "end"]
    steps.clear()
    send_anew(face.context, "whatever", "person2@acme.example")
    assert steps == ["reading", "read 4", "end", "writing", "end"]


def test_the_time_of_the_answer_does_not_tell_whether_there_is_such_a_person(
    face: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, waited = Event(), []
    monkeypatch.setattr("web.plan.serving.send_anew", lambda *asked: waited.append(answered.wait(5)))
    assert "on its way" in face.post("/p/whatever/again", data={"email": "person2@acme.example"}).text
    answered.set()
    assert face.settled()
    assert waited == [True], "the search began, or went on, after the response"


def test_the_next_call_is_a_calendar_file(face: Any) -> None:
    from tasks.commands.facts import record_meeting

    here = page(face)
    assert face.get(f"{here}/call.ics").status_code == 404
    with face.context.database.writing() as conn:
        conn.execute(update(AccountRow).values(name="Acme\r\nATTENDEE:mailto:x@y.example"))
    record_meeting(face.context, report(), "006A", "kickoff_booked", datetime.now(UTC) + timedelta(days=3))
    assert "call.ics" in face.get(here).text
    file = face.get(f"{here}/call.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert file.headers["content-disposition"] == 'attachment; filename="call.ics"'
    assert "METHOD:PUBLISH" in file.text
    assert "mailto:cleo@vendor.example" in file.text
    assert not [line for line in file.text.splitlines() if line.startswith("ATTENDEE")]


def test_the_page_reads_in_one_transaction(face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, reading = [], face.context.database.reading

    def counted() -> Any:
        opened.append(1)
        return reading()

    monkeypatch.setattr(type(face.context.database), "reading", lambda self: counted())
    assert face.get(page(face)).status_code == 200
    assert len(opened) == 1


@pytest.mark.slow
def test_who_is_forgotten_leaves_no_trace_of_what_was_named_or_written(face: Any) -> None:
    here = page(face)
    for number, said in enumerate(("Nora is new here", "ask Otto")):
        form = form_of(face.get(f"{here}/who").text)
        given = {**WHO, "email": f"{'nora' if number == 0 else 'otto'}@acme.example", "comment": said, "form": form}
        assert face.post(f"{here}/who", data=given).status_code == 200
    order = Order(by="jo@vendor.example", now=datetime.now(UTC), reason="asked")
    assert forget(face.context, order, "nora@acme.example").after == {}
    assert [fact.value["email"] for fact in facts(face)] == ["otto@acme.example"]
    assert forget(face.context, order, "Person1@acme.example").after == {}
    [fact] = facts(face)
    assert "comment" not in fact.value
    assert "Person 1" not in f"{fact.by} {face.journal()}"


def test_a_viewer_of_the_board_cannot_follow_the_link_in_a_mail(face: Any) -> None:
    url = plan_address(face.context.settings, Link("0031", "006A"), 0, datetime.now(UTC))
    assert without_signed_links(f"see {url}\n<a href='{url}/who'>") == "see #\n<a href='#/who'>"


def test_a_link_holds_ids_and_no_name(face: Any) -> None:
    token = page(face).removeprefix("/p/")
    assert "acme" not in token.lower()
    assert PLAN == "plan"
