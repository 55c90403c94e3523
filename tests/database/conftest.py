"""One onboarding in a database: an account with its deal, people and owner, and a review of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from database.crm import contact_roles, upsert
from database.engine import Database
from database.onboardings import cases, openings
from onboarding.health.summary import Summary
from onboarding.model.case import Calendar, Case, Progress
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmContactRole, CrmDeal, CrmUser
from onboarding.model.effect import PlannedEffect
from onboarding.model.review import Review
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import (
    Channel,
    Concern,
    CustomerRole,
    HandoffItem,
    Side,
    Stage,
    Status,
    VendorRole,
)
from tests.builders.tiers import MID

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
SIGNED = datetime(2026, 3, 2, tzinfo=UTC)
ROLES = {"Champion": CustomerRole.CHAMPION, "Decision Maker": CustomerRole.EXECUTIVE_SPONSOR}


def no_calendar(country: str | None) -> Calendar:
    return Calendar()


@dataclass(frozen=True)
class World:
    """The builders of the database tests."""

    now: datetime = NOW
    signed: datetime = SIGNED

    @staticmethod
    def key(number: int = 1) -> str:
        return f"006{number:012d}AAA"

    @staticmethod
    def deal(number: int = 1, **more: Any) -> CrmDeal:
        given = {
            "id": World.key(number),
            "account_id": f"001{number:012d}AAA",
            "name": f"Deal {number}",
            "won": True,
            "stage_name": "Closed Won",
            "signed_at": SIGNED,
            "close_on": date(2026, 3, 2),
            "owner_id": "005SELLER",
            "products": (),
            "handoff": dict.fromkeys(HandoffItem, "as agreed"),
        }
        return CrmDeal(**(given | more))

    @staticmethod
    def account(number: int = 1, **more: Any) -> CrmAccount:
        given = {
            "id": f"001{number:012d}AAA",
            "name": f"Ørsted & Søn {number}",
            "owner_id": "005CSM",
            "country": "DK",
            "domain": f"customer{number}.example",
        }
        return CrmAccount(**(given | more))

    @staticmethod
    def contact(number: int = 1, person: int = 1, **more: Any) -> CrmContact:
        given = {
            "id": f"003{number:06d}{person:06d}AAA",
            "account_id": f"001{number:012d}AAA",
            "name": f"Person {person}",
            "email": f"Person{person}@customer{number}.example",
        }
        return CrmContact(**(given | more))

    @staticmethod
    def users() -> list[CrmUser]:
        people = [
            ("SELLER", None),
            ("CSM", "005LEAD"),
            ("LEAD", "005CHIEF"),
            ("CHIEF", None),
            ("OTHER", None),
        ]
        return [
            CrmUser(id=f"005{name}", name=name.title(), email=f"{name.lower()}@vendor.example", manager_id=manager)
            for name, manager in people
        ]

    def fill(self, database: Database, numbers: range = range(1, 2), **progress: Any) -> list[str]:
        """Store accounts with a deal, two people and an open onboarding each; return the onboardings' keys."""
        with database.writing() as conn:
            upsert.take_users(conn, self.users(), lambda country: None)
            upsert.take_accounts(conn, [self.account(n) for n in numbers], {"DK": "Europe/Copenhagen"}.get)
            upsert.take_contacts(conn, [self.contact(n, person) for n in numbers for person in (1, 2)])
            upsert.take_deals(conn, [self.deal(n) for n in numbers], NOW)
            roles = [
                CrmContactRole(deal_id=self.key(n), contact_id=self.contact(n, 1).id, role="Champion") for n in numbers
            ]
            contact_roles.take_roles(
                conn, roles, [self.key(n) for n in numbers], lambda part: ROLES.get(part.role), NOW
            )
            openings.open_onboardings(
                conn,
                [
                    openings.NewOnboarding(
                        key=self.key(n),
                        account_id=self.account(n).id,
                        signed_at=SIGNED,
                        progress=Progress(
                            opened_at=NOW,
                            stage_times={Stage.HANDOFF: SIGNED},
                            playbook="abc123",
                            assignments={VendorRole.ONBOARDING_SPECIALIST: "005OTHER"},
                            **progress,
                        ),
                    )
                    for n in numbers
                ],
                NOW,
            )
        return [self.key(n) for n in numbers]

    @staticmethod
    def load(conn: Connection, *keys: str, now: datetime = NOW) -> list[Case]:
        return list(cases.load(conn, keys, now, no_calendar).values())

    def case(self, database: Database, key: str | None = None, now: datetime = NOW) -> Case:
        with database.reading() as conn:
            return self.load(conn, key or self.key(), now=now)[0]

    @staticmethod
    def effect(key: str, *, channel: Channel = Channel.MAIL, **more: Any) -> PlannedEffect:
        _, kind, occurrence, _, person = key.split(":")
        given = {
            "key": key,
            "kind": kind,
            "occurrence": occurrence,
            "channel": channel,
            "person_id": "" if channel is Channel.CRM else person,
            "target_id": person if channel is Channel.CRM else "",
            "recipient": f"{person}@customer.example",
            "role": "champion",
            "due_at": NOW,
            "because": "it is due",
        }
        return PlannedEffect(**(given | more))

    @staticmethod
    def milestone(name: str = "kickoff_held", **more: Any) -> Milestone:
        given = {
            "name": name,
            "title": name.replace("_", " "),
            "stage": Stage.KICKOFF,
            "side": Side.VENDOR,
            "owner_role": "csm",
            "exit": True,
            "due_at": NOW + timedelta(days=3),
        }
        return Milestone(**(given | more))

    def reviewed(self, case: Case, **more: Any) -> tuple[Review, Summary]:
        """Return a review that sets only the next moments, unless ``more`` adds to it."""
        state = OnboardingState(
            tier=MID,
            tier_because="40 seats",
            milestones={},
            goals=more.pop("goals", ()),
            vague_goals=(),
            handoff={},
            handoff_at={},
            holders={},
            left=(),
            team={VendorRole.CSM: case.owners["005CSM"]},
            owner=case.owners["005CSM"],
            target_at=SIGNED + timedelta(days=90),
            kickoff_at=None,
            kickoff_booked_at=None,
            go_live_at=None,
            activated_at=None,
            check_in_anchor_at=None,
            first_activity_at=None,
            last_activity_at=None,
        )
        later = {concern: NOW + timedelta(hours=1) for concern in Concern}
        progress = more.pop("progress", case.progress)
        summary = self.summary(case, progress, **more.pop("summary", {}))
        given = {"milestones": (self.milestone(),), "next_at": later, "criteria": ()}
        review = Review(case_key=case.key, version=case.version, state=state, progress=progress, **(given | more))
        return review, summary

    @staticmethod
    def summary(case: Case, progress: Progress, **more: Any) -> Summary:
        given = dict.fromkeys(Summary.__dataclass_fields__)
        given |= {
            "account_id": case.account.id,
            "account_name": case.account.name,
            "deal_id": case.key,
            "tier": MID,
            "playbook": progress.playbook,
            "status": Status.ACTIVE,
            "stage": progress.stage,
            "signed_at": SIGNED,
            "target_at": SIGNED + timedelta(days=90),
            "adopted": False,
            "escalation_level": 0,
            "owner": "csm@vendor.example",
            "health_band": "unknown",
        }
        return Summary(**(given | more))


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture
def opened(world: World, database: Database) -> Callable[..., list[str]]:
    """Return a function that opens so many onboardings in the database of this test."""

    def fill(count: int = 1, **progress: Any) -> list[str]:
        return world.fill(database, range(1, count + 1), **progress)

    return fill
