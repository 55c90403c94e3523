"""The schema. Plain SQLAlchemy tables: importing an object mapper costs every command a third of a second."""

from database.tables.columns import dump, metadata
from database.tables.customers import ACCOUNT, DEAL, OWNER, PERSON, SIGNAL, STAKEHOLDER, UNREADABLE
from database.tables.lanes import BREAKER, RATE
from database.tables.onboardings import (
    ESCALATION,
    FACT,
    GOAL,
    HOLD,
    JOURNAL,
    MILESTONE,
    ONBOARDING,
    TOUCHPOINT,
)
from database.tables.rights import FORGOTTEN, INBOX, SUPPRESSION
from database.tables.upkeep import CALENDAR, CRM_ROW, CURSOR, EFFECT, PLAYBOOK, SET_ASIDE, STOP

__all__ = [
    "ACCOUNT",
    "BREAKER",
    "CALENDAR",
    "CRM_ROW",
    "CURSOR",
    "DEAL",
    "EFFECT",
    "ESCALATION",
    "FACT",
    "FORGOTTEN",
    "GOAL",
    "HOLD",
    "INBOX",
    "JOURNAL",
    "MILESTONE",
    "ONBOARDING",
    "OWNER",
    "PERSON",
    "PLAYBOOK",
    "RATE",
    "SET_ASIDE",
    "SIGNAL",
    "STAKEHOLDER",
    "STOP",
    "SUPPRESSION",
    "TOUCHPOINT",
    "UNREADABLE",
    "dump",
    "metadata",
]
