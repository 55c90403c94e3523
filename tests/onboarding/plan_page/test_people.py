"""A person's own booking page stands beside their name, the company's beside the accountable person alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config.playbook_library.library import load_library
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.people import team
from onboarding.review_case import review_without_writes
from onboarding.shared_plan.links import roles_of
from tests.builders.case import CASE, SIGNED
from tests.builders.tiers import MID

NOW = SIGNED + timedelta(days=1)
COMPANY, OWN = "https://book.vendor.test/us", "https://book.vendor.test/cleo"


@pytest.mark.parametrize(
    ("accountable", "others", "shown"),
    [(OWN, COMPANY, {OWN, ""}), (COMPANY, COMPANY, {COMPANY, ""}), (COMPANY, OWN, {COMPANY, OWN})],
)
def test_the_companys_booking_page_stands_beside_the_accountable_person_alone(
    accountable: str, others: str, shown: set[str]
) -> None:
    owners = {
        name: replace(owner, booking_url=accountable if name == "005CSM" else others)
        for name, owner in CASE.owners.items()
    }
    case = replace(CASE, owners=owners)
    found = review_without_writes(case, load_library().playbook_versions[MID].playbook, NOW, frozenset())
    reader = case.people[0]
    context = PageContext(
        case=case,
        review=found.review,
        playbook=found.playbook,
        now=NOW,
        reader=reader,
        roles=roles_of(found.review.state, reader.id),
        company_booking_url=COMPANY,
    )
    first, *rest = team(context)
    assert (first.name, first.booking_url) == ("Cleo Santos", accountable)
    assert rest
    assert {first.booking_url, *(one.booking_url for one in rest)} == shown
