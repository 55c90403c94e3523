"""The sections of the catalogue in English; a language's ``words.yaml`` has sections of the same names."""

from collections.abc import Mapping
from typing import Any

from onboarding.model.schedule import Written
from onboarding.sentences.account_plan_phrases import AccountPlanPhrases
from onboarding.sentences.counted import Counted
from onboarding.sentences.digest_phrases import DigestPhrases, TaskPhrases
from onboarding.sentences.form_phrases import FormPhrases, ProblemPhrases
from onboarding.sentences.label_phrases import LABELS
from onboarding.sentences.note_phrases import NotePhrases
from onboarding.sentences.post_phrases import PostPhrases
from onboarding.sentences.reply_phrases import HomePhrases, ReplyPhrases, SlashPhrases
from onboarding.sentences.said_phrases import SaidPhrases
from onboarding.sentences.stall_phrases import StallPhrases
from onboarding.sentences.term_phrases import TermPhrases

ENGLISH: Mapping[str, Written] = {
    "terms": TermPhrases(),
    "stalls": StallPhrases(),
    "posts": PostPhrases(),
    "digest": DigestPhrases(),
    "tasks": TaskPhrases(),
    "notes": NotePhrases(),
    "said": SaidPhrases(),
    "account_plan": AccountPlanPhrases(),
    "forms": FormPhrases(),
    "problems": ProblemPhrases(),
    "replies": ReplyPhrases(),
    "home": HomePhrases(),
    "slash": SlashPhrases(),
    "labels": LABELS,
}


BLOCKERS_TABLE = "blockers"
"""The table of a language with what blocks a piece of work, which plan pages offer to choose from."""


def phrase_of(sections: Mapping[str, Written | Mapping[Any, str]], key: str) -> str | Counted:
    """Return a phrase by its key, as ``stalls.champion_left``; a section may be a table. Raise KeyError or
    AttributeError for an unknown one."""
    section, _, name = key.partition(".")
    part = sections[section]
    found: str | Counted = part[name] if isinstance(part, Mapping) else getattr(part, name)
    return found


def has_phrase(key: str) -> bool:
    """Return whether the catalogue has a phrase of this key."""
    section, _, name = key.partition(".")
    return hasattr(ENGLISH.get(section), name)
