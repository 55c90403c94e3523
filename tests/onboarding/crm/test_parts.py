"""A large reading of the CRM in parts: together they are the reading, no account is divided, none is too large."""

from datetime import UTC, date, datetime

import pytest

from onboarding.crm import parts as of_parts
from onboarding.crm.parts import Absent, is_large, parts
from onboarding.model.crm_records import (
    CrmAccount,
    CrmBatch,
    CrmContact,
    CrmContactRole,
    CrmDeal,
    CrmOnboarding,
    CrmUser,
    Problem,
)

MOST = 6
ODD = Problem(source="Account.csv", record="line 7", field="Name", problem="is empty")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_parts, "MOST_ROWS", MOST)


def deal(number: int) -> CrmDeal:
    signed = datetime(2026, 3, 2, tzinfo=UTC)
    return CrmDeal(
        id=f"006{number}",
        account_id=f"001{number}",
        name=f"Deal {number}",
        won=True,
        stage_name="Closed Won",
        signed_at=signed,
        close_on=date(2026, 3, 2),
    )


def reading(accounts: int = 10, **more: object) -> CrmBatch:
    numbers = range(10, 10 + accounts)
    given: dict[str, object] = {
        "users": tuple(CrmUser(id=f"005{n}", name="A", email="a@x.example") for n in range(MOST + 1)),
        "accounts": tuple(CrmAccount(id=f"001{n}", name="A") for n in numbers),
        "contacts": tuple(CrmContact(id=f"003{n}", account_id=f"001{n}", name="B") for n in numbers),
        "deals": tuple(map(deal, numbers)),
        "roles": tuple(CrmContactRole(deal_id=f"006{n}", contact_id=f"003{n}", role="Champion") for n in numbers),
        "onboardings": tuple(CrmOnboarding(key=f"006{n}", fields={}) for n in numbers),
        "problems": (ODD,),
        "sources": ("Account.csv",),
        "cursor": "here",
    }
    return CrmBatch(**{**given, **more})  # type: ignore[arg-type]


def test_the_parts_together_are_the_reading_and_each_account_is_whole_in_one() -> None:
    batch = reading()
    assert is_large(batch)
    found = list(parts(batch, Absent()))
    for name in ("users", "accounts", "contacts", "deals", "roles", "onboardings"):
        assert [one for part in found for one in getattr(part, name)] == list(getattr(batch, name)), name
    for part in found:
        assert {one.id for one in part.accounts} == {one.account_id for one in part.deals}
        assert {one.id for one in part.deals} == {one.deal_id for one in part.roles}
        held = (part.users, part.accounts, part.contacts, part.deals, part.roles, part.onboardings)
        assert sum(map(len, held)) <= MOST


def test_only_the_last_part_has_the_problems_and_none_claims_to_be_a_whole_reading() -> None:
    *early, last = parts(reading(), Absent())
    assert [part.complete for part in (*early, last)] == [False] * (len(early) + 1)
    assert not any(part.problems or part.sources for part in early)
    assert all(part.looked_at == frozenset() for part in early)
    assert (last.problems, last.cursor, last.looked_at) == ((ODD,), "here", None)


def test_what_a_whole_reading_lacks_is_gone_part_by_part() -> None:
    lacks = Absent({f"003X{n}" for n in range(MOST + 1)}, {"006gone"})
    *early, last = parts(reading(), lacks)
    gone = [part.gone for part in early if part.gone]
    assert frozenset().union(*gone) == lacks.records
    assert max(map(len, gone)) == MOST
    assert last.gone_rows == lacks.rows


def test_the_person_of_a_role_comes_with_the_deal_whatever_their_account() -> None:
    partner = CrmContact(id="003P", account_id="001999", name="P")
    role = CrmContactRole(deal_id="00610", contact_id="003P", role="Partner")
    batch = reading(contacts=(partner,), roles=(role,))
    (part,) = (one for one in parts(batch, Absent()) if role in one.roles)
    assert part.contacts == (partner,)


def test_roles_that_could_not_be_read_completely_speak_for_the_same_deals() -> None:
    batch = reading(roles_of=frozenset({"00610", "00619"}))
    assert frozenset().union(*(one.roles_of or () for one in parts(batch, Absent()))) == batch.roles_of
    whole = [one.roles_of for one in parts(reading(), Absent()) if one.deals]
    assert set(whole) == {None}


def test_a_broken_role_comes_with_its_deal_and_again_at_the_end_which_keeps_why() -> None:
    broken = CrmContactRole(deal_id="00610", contact_id="of line 3", role="", broken="has no contact")
    *early, last = parts(reading(roles=(broken,)), Absent())
    assert [part.roles for part in early if part.roles] == [(broken,)]
    assert (last.roles, last.roles_of) == ((broken,), frozenset())


def test_a_reading_that_fits_is_not_large() -> None:
    assert not is_large(reading(accounts=0, users=(), contacts=(), deals=(), roles=(), onboardings=()))
