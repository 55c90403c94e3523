"""People who join the case of the builders a week after its welcome, and the mails that they get."""

from dataclasses import replace
from datetime import datetime, timedelta

from config.playbook_library.library import load_library
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import CustomerRole, EffectState, Tier
from tests.builders.facts import build_fact
from tests.builders.tiers import MID
from tests.onboarding.touchpoints.reviews import MONDAY, lived

STEP, NORA = "catch_up", "nora@kunde.test"
JOINED = MONDAY + timedelta(days=8)
NEW = Person(id="003NORA", name="Nora Neu", email=NORA, zone="Europe/Berlin", country="DE")
SENT = [(NORA, EffectState.SENT)]


def book(tier: Tier = MID) -> Playbook:
    return load_library().playbook_versions[tier].playbook


def in_crm(
    case: Case, role: CustomerRole = CustomerRole.MANAGER, at: datetime | None = JOINED, person: Person = NEW
) -> Case:
    part = Stakeholder(person_id=person.id, role=role, since=at)
    return replace(case, people=(*case.people, person), stakeholders=(*case.stakeholders, part))


def reported(role: str = "manager", at: datetime = JOINED, **value: object) -> Fact:
    told = {"email": NORA, "role": role, "name": NEW.name, "left": False} | value
    return build_fact("stakeholder", role, at, value=told)


def later(case: Case, days: float = 20, playbook: Playbook | None = None) -> Case:
    return lived(case, playbook or book(), JOINED, JOINED + timedelta(days=days), timedelta(hours=6))


def mails(case: Case) -> list[tuple[str, EffectState]]:
    return [(line.recipient, line.state) for line in case.effects if line.kind == STEP]
