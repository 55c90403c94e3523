"""The history of one onboarding in one list: reports, sent messages, and decisions with their reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from onboarding.model.case import Fact
from onboarding.model.phrases import day_words, name_words
from onboarding.model.vocabulary import Channel, EffectState, FactKind


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
    facts: Iterable[Fact],
    effects: Iterable[Mapping[str, Any]],
    journal: Iterable[Mapping[str, Any]],
    titles: Mapping[str, str],
) -> tuple[Entry, ...]:
    """Return every fact, sent message and decision, the newest first. Pure.

    ``effects`` and ``journal`` are the lines of ``effects --json`` and of ``show``; ``titles`` are those of steps and
    milestones by name. A journal line that only records
    a fact is left out: the fact itself is there, with the moment at which it happened.
    """
    known = tuple(facts)
    reported = {(fact.kind, fact.name) for fact in known}
    ticked = {_reading(fact): fact for fact in known if fact.kind is FactKind.MILESTONE}
    found = [
        _dated_anew(fact, ticked[_reading(fact)], titles)
        if fact.kind is FactKind.MILESTONE_UNDONE and _reading(fact) in ticked
        else _fact(fact, titles)
        for fact in known
    ]
    found += [_message(line, titles) for line in effects if _has_left(line)]
    found += [_decision(line, titles) for line in journal if (line["kind"], line["about"]) not in reported]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.kind.value), reverse=True))


def _fact(fact: Fact, titles: Mapping[str, str]) -> Entry:
    told = [f"{name_words(key)}: {value}" for key, value in sorted(fact.value.items()) if value not in (None, "", {})]
    if fact.learned_at.date() != fact.at.date():
        told.append(f"learned on {day_words(fact.learned_at)}")
    title = _named(fact.kind, fact.name, titles)
    source = "" if fact.source == fact.by else f" ({fact.source})"
    return Entry(at=fact.at, kind=EntryKind.FACT, title=title, details="; ".join(told), by=f"{fact.by}{source}")


def _reading(fact: Fact) -> tuple[str, str, datetime]:
    return fact.name, fact.source, fact.learned_at


def _dated_anew(undone: Fact, ticked: Fact, titles: Mapping[str, str]) -> Entry:
    """Return the entry of an undoing that one reading brought with another tick: nobody took the work back."""
    title = _named("milestone_dated_anew", undone.name, titles)
    return replace(_fact(undone, titles), title=title, details=f"done on {day_words(ticked.at)}")


def _has_left(line: Mapping[str, Any]) -> bool:
    return bool(line["channel"] != Channel.CRM.value and line["state"] == EffectState.SENT.value)


def _message(line: Mapping[str, Any], titles: Mapping[str, str]) -> Entry:
    way = "Mail" if line["channel"] == Channel.MAIL.value else "Slack"
    return Entry(
        at=line["sent_at"],
        kind=EntryKind.MESSAGE,
        title=f"{way}: {titles.get(line['kind'], name_words(line['kind']))} to {line['recipient']}",
        details=line["because"],
        message=line["key"],
    )


def _named(kind: str, name: str, titles: Mapping[str, str]) -> str:
    """Return what an entry is about: ``milestone: Hold the kickoff``, or ``goal quote turnaround``."""
    return f"{name_words(kind)}: {titles[name]}" if name in titles else f"{name_words(kind)} {name_words(name)}".strip()


def _decision(line: Mapping[str, Any], titles: Mapping[str, str]) -> Entry:
    title = _named(line["kind"], line["about"], titles)
    return Entry(at=line["at"], kind=EntryKind.DECISION, title=title, details=line["because"], by=line["by"])
