"""Daily caps of mails, counted over all onboardings: a mail above the cap waits, with its reason, and is never lost."""

from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest

from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries
from tasks.delivery.recheck import recheck

ANN = "ann@both.example"
MONDAY = "2026-03-02T10:00"
TUESDAY = "2026-03-03T10:00"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def two_lives(request: pytest.FixtureRequest, office: Any, new_database_url: Any) -> Any:
    """Ann is champion of two customers, so two onboardings want to write to her."""
    office.setenv("FIRST90_DATABASE_URL", new_database_url(request.param))
    for number in (1, 2):
        office.contact(number, account=number, Name="Ann", Email=ANN)
        office.deal(number)
        office.account(number)
    return office


def mails(office: Any) -> list[dict[str, Any]]:
    return [line for line in office.effects(channel="mail") if line["recipient"] == ANN]


@pytest.mark.slow
def test_a_person_in_two_onboardings_gets_no_more_than_a_days_mails(two_lives: Any) -> None:
    two_lives.run(MONDAY)
    sent = two_lives.inbox(ANN)
    assert len(sent) == 2, "four were due, two onboardings of two each"
    put_off = [line for line in mails(two_lives) if line["state"] == "planned"]
    assert {line["because"] for line in put_off} == {"put off: its reader gets no more than 2 mails a day"}
    assert {line["due_at"] for line in put_off} == {datetime(2026, 3, 3, 9, tzinfo=UTC)}
    two_lives.run("2026-03-02T15:00")
    assert len(two_lives.inbox(ANN)) == 2, "the same day, hours later"
    two_lives.run(TUESDAY)
    assert len(two_lives.inbox(ANN)) == 4, "nothing is lost"


@pytest.mark.slow
def test_what_matters_more_goes_first(two_lives: Any) -> None:
    """Of four mails the two that the playbook ranks higher leave, counted over both onboardings."""
    two_lives.run(MONDAY)
    with two_lives.context() as context:
        ranks = {step.name: step.priority for step in context.library["mid"].playbook.steps}
    sent, later = two_lives.inbox(ANN), [line["kind"] for line in mails(two_lives) if line["state"] == "planned"]
    assert min(ranks[kind] for kind in sent) >= max(ranks[kind] for kind in later)
    assert len(set(sent)) == 1


@pytest.mark.slow
def test_two_workers_at_once_do_not_both_take_the_last_place(two_lives: Any) -> None:
    """Each holds the mails of one onboarding and reserves at the same moment, twenty times."""
    two_lives.write()
    two_lives.order(deliveries.stop, Channel.MAIL, reason="not yet")
    two_lives.run(MONDAY)
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    from database.outbox import ledger

    two_lives.order(deliveries.start, Channel.MAIL)
    with two_lives.context() as context:
        keys = [line["key"] for line in mails(two_lives)]
        assert len(keys) == 4
        for turn in range(10):
            start, ready = Barrier(2), []

            def work(deal: str, turn: int = turn, start: Barrier = start, ready: list[Any] = ready) -> None:
                token = f"{deal}{turn}"
                mine = [key for key in keys if key.startswith(deal)]
                with context.database.writing() as conn:
                    real = context.wall_clock()
                    leased = ledger.claim(conn, Channel.MAIL, as_of=at, real_now=real, token=token, limit=9, keys=mine)
                start.wait()
                found = recheck(context, at, Channel.MAIL, leased)
                ready += [one for one in found if hasattr(one, "payload")]

            workers = [Thread(target=work, args=(deal,)) for deal in ("006-0001", "006-0002")]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert len(ready) == 2, f"turn {turn}"
            with context.database.writing() as conn:
                for deal in ("006-0001", "006-0002"):
                    ledger.release(conn, f"{deal}{turn}")


@pytest.mark.slow
def test_an_account_has_a_days_room_of_its_own(office: Any, tmp_path: Any) -> None:
    import shutil

    from config.settings.load import BUNDLED

    shutil.copytree(BUNDLED / "playbooks", tmp_path / "playbooks")
    for path in (tmp_path / "playbooks").glob("*.yaml"):
        path.write_text(
            path.read_text("utf-8").replace("mails_per_account_and_day: 25", "mails_per_account_and_day: 3"), "utf-8"
        )
    office.setenv("FIRST90_PLAYBOOKS", str(tmp_path / "playbooks"))
    office.customer()
    for number in (2, 3, 4):
        office.contact(number, role="Champion")
    office.run(MONDAY)
    assert len(office.mails) == 3
    due = [line for line in office.effects(channel="mail") if line["state"] == "planned"]
    assert len(due) == 8 - 3
    office.run("2026-03-02T15:00")
    assert len(office.mails) == 3
    for day in ("2026-03-03T10:00", "2026-03-04T10:00", "2026-03-05T10:00"):
        office.run(day)
    assert len(office.mails) >= 8
    by_day: dict[Any, int] = {}
    for mail in office.mails:
        by_day[mail["Date"].datetime.date()] = by_day.get(mail["Date"].datetime.date(), 0) + 1
    assert max(by_day.values()) <= 3
