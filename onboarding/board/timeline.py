"""The history of one onboarding in one list: reports, sent messages, and decisions with their reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from onboarding.model.case import Fact
from onboarding.model.phrases import day_words, name_words
from onboarding.model.vocabulary import Channel, EffectState


class EntryKind(StrEnum):
    """The kind of an entry of the history."""

    FACT = "fact"
    MESSAGE = "message"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the history; ``at`` (UTC) is when it happened, for a message when it was sent."""

    at: datetime
    kind: EntryKind
    title: str
    details: str
    by: str = ""
    message: str = ""
    """The key of the effect, if the entry is a sent message."""


def timeline(
    facts: Iterable[Fact], effects: Iterable[Mapping[str, Any]], journal: Iterable[Mapping[str, Any]]
) -> tuple[Entry, ...]:
    """Return every fact, sent message and decision, the newest first. Pure.

    ``effects`` and ``journal`` are the lines of ``effects --json`` and of ``show``. A journal line that only records
    a fact is left out: the fact itself is there, with the moment at which it happened.
    """
    known = tuple(facts)
    reported = {(fact.kind, fact.name) for fact in known}
    found = [_fact(fact) for fact in known]
    found += [_message(line) for line in effects if _has_left(line)]
    found += [_decision(line) for line in journal if (line["kind"], line["about"]) not in reported]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.kind.value), reverse=True))


def _fact(fact: Fact) -> Entry:
    told = [f"{name_words(key)}: {value}" for key, value in sorted(fact.value.items()) if value not in (None, "", {})]
    if fact.learned_at.date() != fact.at.date():
        told.append(f"learned on {day_words(fact.learned_at)}")
    title = f"{name_words(fact.kind)} {name_words(fact.name)}".strip()
    source = "" if fact.source == fact.by else f" ({fact.source})"
    return Entry(at=fact.at, kind=EntryKind.FACT, title=title, details="; ".join(told), by=f"{fact.by}{source}")


def _has_left(line: Mapping[str, Any]) -> bool:
    return bool(line["channel"] != Channel.CRM.value and line["state"] == EffectState.SENT.value)


def _message(line: Mapping[str, Any]) -> Entry:
    way = "Mail" if line["channel"] == Channel.MAIL.value else "Slack"
    return Entry(
        at=line["sent_at"],
        kind=EntryKind.MESSAGE,
        title=f"{way}: {name_words(line['kind'])} to {line['recipient']}",
        details=line["because"],
        message=line["key"],
    )


def _decision(line: Mapping[str, Any]) -> Entry:
    title = f"{name_words(line['kind'])} {name_words(line['about'])}".strip()
    return Entry(at=line["at"], kind=EntryKind.DECISION, title=title, details=line["because"], by=line["by"])
