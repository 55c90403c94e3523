"""Conflicts of priorities from the command to the mail and back, over both databases; forgotten with their words."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import load_settings
from database.onboardings import facts as stored
from onboarding.clashes.clash import clash_id
from onboarding.model.case import Fact
from onboarding.model.vocabulary import Channel, FactKind
from tasks.clashes import decide_conflict, record_conflict
from tasks.commands.deliveries import start, stop
from tasks.commands.erasure import forget
from tasks.commands.onboardings import close, hold
from tasks.runtime.refusals import Refused
from tasks.simulation.simulate import Simulation, simulate
from tests.tasks.commands.test_erasure import dump

MIGRATION, AUDIT = "The CRM migration", "The audit in May"
ID = clash_id(MIGRATION, AUDIT)
SPONSOR, STEP = "person3@customer1.example", "decision_request"
TUESDAY, WEDNESDAY = "2026-03-03T10:00", "2026-03-04T10:00"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def opened(request: pytest.FixtureRequest, office: Any, new_database_url: Any) -> Any:
    """One customer with a sponsor, over either database."""
    office.setenv("FIRST90_DATABASE_URL", new_database_url(request.param))
    office.customer()
    office.contact(3, role="Executive Sponsor")
    office.run()
    return office


def letters(office: Any) -> list[Any]:
    return [mail for mail in office.mails if mail["Subject"].endswith("one decision is yours")]


def text_of(mail: Any) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


@pytest.mark.slow
def test_raised_asked_decided(opened: Any) -> None:
    said = opened.report(record_conflict, MIGRATION, AUDIT, on=TUESDAY)
    assert said.startswith(f"Conflict {ID} raised: “{MIGRATION}” clashes with “{AUDIT}”.")
    assert said.endswith("sponsor gets one mail that asks which goes first.")
    assert opened.report(record_conflict, AUDIT.upper(), MIGRATION, on=TUESDAY).startswith("Known already")
    opened.run(TUESDAY)
    opened.run("2026-03-03T12:00")
    (mail,) = letters(opened)
    assert str(mail["To"]).endswith(f"<{SPONSOR}>")
    assert f"1. “{MIGRATION}” 2. “{AUDIT}”" in text_of(mail)
    assert "cleo" not in text_of(mail).lower().replace("cleo csm", "").replace("csm@", ""), (
        "it names nobody who raised it"
    )
    assert opened.status()["stall_cause"] != "conflict_undecided"
    opened.run("2026-03-10T10:00")
    assert any("conflict" in line for line in opened.journal())
    assert f"Decided, “{MIGRATION}”" in opened.report(
        decide_conflict, ID, "Ms Three: audit first", on="2026-03-10T11:00"
    )
    opened.run("2026-03-10T12:00")
    assert len(letters(opened)) == 1
    with pytest.raises(Refused, match="this conflict is decided on 10 March 2026"):
        opened.report(decide_conflict, ID, "once more", on="2026-03-10T13:00")


def test_where_no_mail_asks_the_answer_says_so(office: Any) -> None:
    office.customer()
    office.run()
    said = office.report(record_conflict, MIGRATION, AUDIT, on=TUESDAY)
    assert said.endswith("No mail asks for a decision here: it is a task of the owner to put it to the customer.")


@pytest.mark.slow
def test_decided_before_the_mail_leaves_there_is_none(opened: Any) -> None:
    opened.report(record_conflict, MIGRATION, AUDIT, on=TUESDAY)
    opened.order(stop, Channel.MAIL, reason="a test", on=TUESDAY)
    opened.run(TUESDAY)
    assert opened.states(STEP) == ["planned"]
    opened.report(decide_conflict, AUDIT.lower(), "by phone: audit first", on="2026-03-03T11:00")
    opened.order(start, Channel.MAIL, on="2026-03-03T11:00")
    opened.run("2026-03-03T12:00")
    assert letters(opened) == []
    assert opened.states(STEP) == ["cancelled"]


@pytest.mark.parametrize(
    ("this", "other", "told"), [("tbd", AUDIT, "says too little"), (AUDIT, AUDIT, "both sides say the same")]
)
def test_what_says_nothing_is_refused(opened: Any, this: str, other: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        opened.report(record_conflict, this, other)


def test_a_decision_needs_an_open_conflict_and_words_and_comes_after_it(opened: Any) -> None:
    with pytest.raises(Refused, match="names no one open conflict; open here: none"):
        opened.report(decide_conflict, ID, "audit first")
    opened.report(record_conflict, MIGRATION, AUDIT, on=TUESDAY)
    with pytest.raises(Refused, match="the decision is empty"):
        opened.report(decide_conflict, ID, " ", on=TUESDAY)
    with pytest.raises(Refused, match="a decision comes after that"):
        opened.report(decide_conflict, ID, "audit first", on=WEDNESDAY, at="2026-03-02T10:00")
    with pytest.raises(Refused, match=f"open here: {ID} \\(“{MIGRATION}”"):
        opened.report(decide_conflict, "another", "audit first", on=WEDNESDAY)


@pytest.mark.slow
def test_on_hold_it_may_be_raised_and_once_closed_not(opened: Any) -> None:
    opened.order(hold, "001-0001", reason="merger", until="2026-03-20T10:00", resume="shift", on=TUESDAY)
    opened.report(record_conflict, MIGRATION, AUDIT, on=TUESDAY)
    opened.run(WEDNESDAY)
    assert letters(opened) == []
    opened.run("2026-03-23T10:00")
    assert len(letters(opened)) == 1
    opened.order(close, "001-0001", reason="insolvent", as_="cancelled", on="2026-03-24T10:00")
    with pytest.raises(Refused, match="is cancelled; nothing is raised in it"):
        opened.report(record_conflict, "Another", "Something else", on="2026-03-24T11:00")


@pytest.mark.slow
def test_a_name_in_a_side_is_forgotten_everywhere(opened: Any) -> None:
    opened.report(record_conflict, "The plan of Person 1", AUDIT, on=TUESDAY)
    opened.run(TUESDAY)
    opened.run("2026-03-09T10:00")
    assert "the plan of person 1" in dump(opened)
    opened.order(forget, "person1@customer1.example", reason="asked", on="2026-03-09T11:00")
    left = dump(opened)
    assert "person 1" not in left
    assert "the plan of [forgotten]" in left
    opened.run("2026-03-10T10:00")
    assert "person 1" not in dump(opened)


@pytest.mark.slow
def test_what_a_reader_wrote_on_their_page_goes_with_them_but_not_the_title_of_work(opened: Any) -> None:
    at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    title = "Complete the security and compliance review"
    with opened.context() as context, context.database.writing() as conn:
        for number, value in enumerate(
            (
                {"this": "Zebra one", "with": "Zebra two"},
                {"this": title, "with": "Zebra three", "about": "security_review"},
            )
        ):
            fact = Fact(
                key=f"page:{number}",
                kind=FactKind.CONFLICT,
                name=f"abc{number}",
                at=at,
                learned_at=at,
                source="page",
                by="Person 1 on their plan page",
                value={**value, "comment": "Zebra four", "person": "003-0001"},
            )
            stored.add(conn, "006-0001", [fact], at)
    opened.run("2026-03-09T10:00")
    assert dump(opened).count("zebra") > 6, "stalls, tasks and mails quote them"
    opened.order(forget, "003-0001", reason="asked", on="2026-03-09T11:00")
    left = dump(opened)
    assert "zebra" not in left
    assert title.lower() in left
    opened.run("2026-03-10T10:00")
    assert "conflict_undecided" not in str(opened.status()["stall_cause"])


@pytest.mark.slow
def test_a_simulation_asks_once_too(office: Any, tmp_path: Path) -> None:
    office.customer()
    office.contact(3, role="Executive Sponsor")
    office.run()
    office.report(record_conflict, MIGRATION, AUDIT)
    office.shut()
    out = tmp_path / "out"
    begin = datetime(2026, 3, 2, 11, tzinfo=UTC)
    simulate(load_settings(env_file=None), Simulation(start=begin, days=15, out=out), lambda _: None)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in out.rglob("*.eml")]
    asked = [mail for mail in mails if mail["Subject"].endswith("one decision is yours")]
    assert len(asked) == 1
    assert "clashes with" in (out / "slack.jsonl").read_text("utf-8"), "nobody decided, so it climbs"
