"""Another CRM or mail sender than before: nothing is missing there, and nothing arrives twice."""

import csv
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from config.settings.mail_senders import MaildirMail
from config.settings.readings import MailInDoubt
from database.onboardings.overview import journal_lines
from database.outbox.due import ANOTHER_WAY
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from database.tables import EffectRow
from integrations.mail.maildir import Maildir
from integrations.recording import Recording
from onboarding.effects.send_result import ResultState, SendResult

HOUR = "2026-03-02T11:00"


class Breaking(Recording):
    """A provider that takes mails and whose response is lost."""

    def send(self, messages):
        super().send(messages)
        return [SendResult(state=ResultState.UNKNOWN, error="the connection broke")] * len(messages)


def by_another_way(context, folder, **settings):
    """Return the same run context with another mail sender, after all leases have expired."""
    chosen = replace(context.settings, mail=MaildirMail(folder=folder), **settings)
    late = timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS + 1)
    return replace(context, settings=chosen, mail=Maildir(folder), wall_clock=lambda: context.wall_clock() + late)


@pytest.mark.parametrize("killed", [False, True], ids=["in doubt", "killed meanwhile"])
def test_what_may_have_left_by_the_old_way_is_held_for_a_person(office, tmp_path, killed):
    office.customer()
    office.write()
    with office.context() as context:
        old = Breaking()
        office.cycle(replace(context, mail=old))
        (welcome,) = [outgoing.key for outgoing in old.messages if ":welcome:" in outgoing.key]
        if killed:
            under_way = {"state": "sending", "lease_token": "gone", "lease_until": context.wall_clock()}
            with context.database.writing() as conn:
                conn.execute(update(EffectRow).where(EffectRow.key == welcome).values(under_way))
        new = by_another_way(context, tmp_path / "other")
        office.cycle(new, HOUR)
        assert office.states("welcome") == ["unknown"]
        office.cycle(replace(new, wall_clock=lambda: context.wall_clock() + timedelta(hours=1)), "2026-03-02T12:00")
        assert office.states("welcome") == ["unknown"]
        assert not any(welcome in path.read_text("utf-8") for path in (tmp_path / "other").glob("new/*"))
        if not killed:
            with context.database.reading() as conn:
                assert conn.execute(select(EffectRow.error).where(EffectRow.key == welcome)).scalar() == ANOTHER_WAY


@pytest.mark.slow
def test_an_operator_who_prefers_a_repeat_to_a_loss_gets_it(office, tmp_path):
    office.customer()
    office.write()
    with office.context() as context:
        office.cycle(replace(context, mail=Breaking()))
        office.cycle(by_another_way(context, tmp_path / "other", mail_in_doubt=MailInDoubt.RESEND), HOUR)
        assert office.states("welcome") == ["sent"]


def test_the_same_way_repeats_what_is_in_doubt_as_ever(office):
    office.customer()
    office.write()
    with office.context() as context:
        office.cycle(replace(context, mail=Breaking()))
    office.run(HOUR)
    assert office.states("welcome") == ["sent"]


def rows(folder, name):
    path = folder / f"{name}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["First90_Key__c"]: row for row in csv.DictReader(file)}


@pytest.mark.slow
def test_a_crm_that_takes_the_place_of_another_gets_every_row(office, tmp_path):
    office.customer()
    office.run()
    office.run(HOUR)
    names = ("Onboarding__c", "Onboarding_Milestone__c")
    before = {name: rows(office.folder, name) for name in names}
    assert all(before.values())

    office.folder = tmp_path / "other"
    office.run("2026-03-02T12:00", CRM=f"csv:{office.folder}")
    office.run("2026-03-02T13:00")
    assert {name: rows(office.folder, name).keys() for name in names} == {name: before[name].keys() for name in names}
    assert office.sent_kinds.count("welcome") == 1


@pytest.mark.slow
def test_rows_of_deals_that_the_other_crm_does_not_show_are_not_all_written_again(office, tmp_path):
    office.customer()
    office.customer(2)
    office.run()
    office.run(HOUR)
    office.remove("006-0001")
    office.folder = tmp_path / "other"
    office.run("2026-03-02T12:00", CRM=f"csv:{office.folder}")
    with office.context() as context, context.database.reading() as conn:
        told = {key: str(journal_lines(conn, key)) for key in ("006-0001", "006-0002")}
    assert "written again: the CRM was another one" in told["006-0002"]
    assert "written again" not in told["006-0001"]


@pytest.mark.slow
def test_a_copied_folder_gets_only_the_rows_that_it_lacks(office, tmp_path):
    office.customer()
    office.run()
    for name in ("copy", "part"):
        shutil.copytree(office.folder, tmp_path / name)
    written = rows(office.folder, "Onboarding_Milestone__c")
    office.folder = tmp_path / "copy"
    assert office.run("2026-03-02T09:05", CRM=f"csv:{office.folder}").sent == 0

    office.folder = tmp_path / "part"
    (office.folder / "Onboarding_Milestone__c.csv").unlink()
    for at in ("2026-03-02T09:10", "2026-03-02T09:20"):
        office.run(at, CRM=f"csv:{office.folder}")
    assert rows(office.folder, "Onboarding_Milestone__c").keys() == written.keys()
