"""Roles, sides, causes and other names as sentences of one term; a name of the playbook's own stays as it is."""

from datetime import UTC, date, datetime

from onboarding.model.phrases import name_words, role_words, side_words
from onboarding.model.vocabulary import Status
from onboarding.sentences.catalogue import has_phrase
from onboarding.sentences.sentence import Sentence, sentence


def role_name(role: str) -> str:
    """Return a role in words."""
    return _named(f"terms.role_{role}", role_words(role))


def side_name(side: str) -> str:
    """Return the side that is waited for in words."""
    return _named(f"terms.side_{side}", side_words(side))


def mover_name(side: str) -> str:
    """Return the side whose move it is, as the subject of a sentence."""
    return _named(f"terms.mover_{side}", side_words(side))


def cause_name(kind: str) -> str:
    """Return a kind of stall in words."""
    return _named(f"terms.cause_{kind}", name_words(kind))


def item_name(item: str) -> str:
    """Return an item of the handoff, or another condition of a stage's end, in words."""
    return _named(f"terms.item_{item}", name_words(item))


def severity_name(severity: str) -> str:
    """Return a severity in words."""
    return _named(f"terms.severity_{severity}", severity)


def status_name(status: Status) -> str:
    """Return the status of an onboarding in words."""
    return sentence(f"terms.status_{status.value}")


def health_part(name: str) -> str:
    """Return a part of the health score in words."""
    return _named(f"terms.health_{name}", name)


def level_name(level: int) -> str:
    """Return up to whom an episode has come."""
    return sentence(f"posts.level_{level}")


def told_to_owner(text: str) -> str:
    """Return a task as its owner reads it: who decides is said as "you"."""
    if not isinstance(text, Sentence) or "decides" not in text.values:
        return text
    return sentence(text.phrase, **{**text.values, "decides": sentence("tasks.you_decide")})


def utc_day(at: datetime) -> date:
    """Return the day of a moment in UTC, as sentences name it."""
    return at.astimezone(UTC).date()


def _named(key: str, otherwise: str) -> str:
    return sentence(key) if has_phrase(key) else otherwise
