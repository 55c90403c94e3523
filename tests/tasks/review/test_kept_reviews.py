"""A saved review is used again in its run while nothing that it read has changed, and never longer."""

from datetime import timedelta
from typing import Any

import pytest

from database.onboardings import cases, saves
from onboarding.model.case import Case
from onboarding.model.vocabulary import Channel, Stage
from onboarding.review_case import review_without_writes
from tasks.delivery.deliver_all import deliver
from tasks.intake.sources import take_in_deals
from tasks.review.stages import review_stage
from tasks.runtime import kept_reviews
from tasks.runtime.scope import Scope
from tests.tasks.conftest import MONDAY, Office, ident

KEY = ident("006", 1)


def take_in_and_review(office: Office, context: Any, at: Any = MONDAY) -> None:
    office.write()
    take_in_deals(context, at, Scope())
    review_stage(context, at, Scope(), Stage.HANDOFF)


def kept(context: Any, at: Any = MONDAY) -> dict[str, Any]:
    with context.database.reading() as conn:
        return context.reviews.unchanged(saves.versions(conn, [KEY]), at)


def messages(case: Case) -> dict[str, str]:
    return {line.key: line.state for line in case.effects if line.channel is not Channel.CRM}


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 3, 8, 15, 40])
def test_a_kept_review_is_what_a_new_one_finds(office: Office, days: int) -> None:
    office.customer()
    office.contact(2, role="Technical Buyer")
    office.run()
    at = MONDAY + timedelta(days=days, hours=1)
    office.done("kickoff_held", on=at)
    office.run(at)
    with office.context() as context:
        found = kept(context, at)[KEY]
        with context.database.reading() as conn:
            case = cases.load(conn, [KEY], at, context.calendars(at))[KEY]
        playbook = context.playbook_version(case.progress.playbook)
        fresh = review_without_writes(case, playbook, at, frozenset())
    assert (found.review, found.summary) == (fresh.review, fresh.summary)
    assert messages(found.case) == messages(case)
    assert (found.case.progress, found.case.version) == (case.progress, case.version)


@pytest.mark.slow
def test_in_a_first_cycle_no_case_is_reviewed_for_delivery_or_the_digest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def counted(*args: Any) -> Any:
        calls.append(args[0].key)
        return review_without_writes(*args)

    for module in ("tasks.delivery.recheck", "tasks.review.escalations"):
        monkeypatch.setattr(f"{module}.review_without_writes", counted)
    office.customer()
    assert office.run().sent > 40
    assert calls == []
    office.run(MONDAY + timedelta(days=8))
    with office.context() as context:
        assert kept(context) == {}, "a review holds at its own moment only"


def test_who_opts_out_after_the_review_gets_no_mail(office: Office) -> None:
    office.customer()
    office.write()
    with office.context() as context:
        take_in_and_review(office, context)
        assert kept(context)
        office.change(ident("003", 1), HasOptedOutOfEmail="true")
        office.write()
        take_in_deals(context, MONDAY, Scope())
        assert not kept(context)
        deliver(context, MONDAY, Channel.MAIL, Scope())
    assert office.mails == []


@pytest.mark.slow
def test_beyond_the_most_that_are_kept_every_case_is_reviewed_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_reviews, "MOST", 1)
    for number in (1, 2, 3):
        office.customer(number)
    office.run()
    assert len(office.mails) == 6
    with office.context() as context, context.database.reading() as conn:
        keys = [ident("006", number) for number in (1, 2, 3)]
        assert len(context.reviews.unchanged(saves.versions(conn, keys), MONDAY)) == 1
