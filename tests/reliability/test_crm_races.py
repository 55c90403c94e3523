"""Several runs read and write the CRM at once: our own writes do not count as edits, and the newest row stays."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from database.tables import FactRow
from integrations.csv_crm.folder import CsvFolder
from integrations.ports import OutgoingMessage
from onboarding.effects.send_result import SendResult
from onboarding.model.crm_records import MilestoneBatch
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.intake.sources import take_back_milestones, take_in_deals
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.house import House, plan
from tests.reliability.small_portfolio import AS_OF, key_of

KICKOFF = f"{key_of('fresh_signature')}:kickoff_held"
WELCOME = f"{key_of('fresh_signature')}:welcome_sent"
DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
Meanwhile = Callable[[], None]


class SlowCrm(CsvFolder):
    """The CRM folder, with changes between a reading and its result, or before a write."""

    def __init__(
        self, context: RunContext, *, reading: Meanwhile | None = None, sending: Meanwhile | None = None
    ) -> None:
        super().__init__(context.settings.crm.folder, context.mapping)
        self._reading, self._sending = reading, sending

    def read_milestones(self, cursor: str | None) -> MilestoneBatch:
        batch = super().read_milestones(cursor)
        meanwhile, self._reading = self._reading, None
        if meanwhile:
            meanwhile()
        return batch

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        meanwhile, self._sending = self._sending, None
        if meanwhile:
            meanwhile()
        return super().send(messages)


@pytest.fixture(params=DIALECTS)
def house(request: pytest.FixtureRequest, make_house: Callable[..., House]) -> House:
    """Return a home in which everything is planned and nothing was sent."""
    made = make_house(request.param)
    plan(made.context, AS_OF)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("look", [take_in_deals, take_back_milestones])
def test_what_we_write_while_the_crm_is_being_read_is_not_taken_for_an_edit(
    house: House, look: Callable[[RunContext, object, Scope], object]
) -> None:
    context = house.context
    send(context, Channel.CRM)
    send(context, Channel.MAIL)
    assert status(house) == "Open"
    look(replace(context, crm=SlowCrm(context, reading=lambda: send(context, Channel.CRM))), AS_OF, Scope())
    assert status(house) == "Done"
    assert edits(house) == []
    house.cycle()
    assert status(house) == "Done"
    assert edits(house) == []


@pytest.mark.slow
def test_a_tick_made_while_we_wrote_is_seen_at_the_next_look(house: House) -> None:
    """A reading that our write overtook does not count as read."""
    context = house.context
    send(context, Channel.CRM)
    send(context, Channel.MAIL)
    take_back_milestones(
        replace(context, crm=SlowCrm(context, reading=lambda: send(context, Channel.CRM))), AS_OF, Scope()
    )
    put(house, WELCOME, "Open")
    take_back_milestones(context, AS_OF + timedelta(minutes=1), Scope())
    assert edits(house) == ["milestone_undone"]


def test_what_we_wrote_is_not_read_again_and_a_tick_beside_it_is(house: House) -> None:
    context = house.context
    take_back_milestones(context, AS_OF, Scope())
    send(context, Channel.CRM)
    assert take_back_milestones(context, AS_OF, Scope()).unchanged
    send(context, Channel.MAIL)
    send(replace(context, crm=SlowCrm(context, sending=lambda: put(house, KICKOFF, "Done"))), Channel.CRM)
    assert status(house) == "Done"
    assert not take_back_milestones(context, AS_OF, Scope()).unchanged
    assert edits(house, KICKOFF) == ["milestone"]


def test_a_row_that_another_run_is_writing_is_written_again_with_what_is_newest(house: House) -> None:
    context = house.context

    def others() -> None:
        send(context, Channel.MAIL)
        send(context, Channel.CRM)

    send(replace(context, crm=SlowCrm(context, sending=others)), Channel.CRM)
    send(context, Channel.CRM)
    assert status(house) == "Done"


def send(context: RunContext, channel: Channel) -> None:
    deliver(context, AS_OF, channel, Scope())


def status(house: House) -> str:
    with (house.home / "crm" / "Onboarding_Milestone__c.csv").open(encoding="utf-8", newline="") as file:
        return next(row["Status__c"] for row in csv.DictReader(file) if row["First90_Key__c"] == WELCOME)


def put(house: House, key: str, status: str) -> None:
    """A person changes the status of a milestone."""
    path = house.home / "crm" / "Onboarding_Milestone__c.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["First90_Key__c"] == key:
            row["Status__c"] = status
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def edits(house: House, row: str = WELCOME) -> list[str]:
    """What is known of a milestone from the CRM."""
    key, _, name = row.partition(":")
    with house.context.database.reading() as conn:
        query = select(FactRow.kind).where(FactRow.onboarding_key == key, FactRow.name == name, FactRow.source == "crm")
        return list(conn.execute(query).scalars())
