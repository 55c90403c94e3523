"""Sentences that can be said in another language: English as ever, German by its words, and nothing lost in between."""

import re
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.mail_templates.languages import TemplateLanguages
from config.mail_templates.render import BUNDLED
from onboarding.drafts.decisions import DraftDecision
from onboarding.languages.language import ENGLISH
from onboarding.model.parties import BuyIn, ProfileItem
from onboarding.model.vocabulary import (
    SEVERITIES,
    Advocacy,
    CustomerRole,
    HandoffItem,
    RenewalOutlook,
    Side,
    Stage,
    Status,
    VendorRole,
)
from onboarding.permissions.table import Permission
from onboarding.sentences.catalogue import ENGLISH as SECTIONS
from onboarding.sentences.sentence import Sentence, Short, begun, joined, of_playbook, pattern, quoted, sentence
from onboarding.sentences.stored import stored_parts, with_parts
from onboarding.sentences.terms import cause_name, item_name, role_name, severity_name, side_name
from onboarding.stalls import KINDS

ROOT = Path(__file__).parents[3]
ACCOUNT_PLAN = ROOT / "onboarding" / "account_plan" / "markdown.py"
AT = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
GERMAN = TemplateLanguages(BUNDLED, "en").of_pages(("de",))
SAID = [
    sentence("stalls.champion_left", person="Ann Lee", day=date(2026, 3, 5)),
    sentence("stalls.silent_drop_off", count=1, day=date(2026, 3, 5)),
    sentence("stalls.silent_drop_off", count=3, day=date(2026, 3, 5)),
    sentence("stalls.handoff_incomplete", count=2, items=(item_name("goals"), item_name("a_condition"))),
    sentence("posts.since_for", day=Short(AT, "Europe/Berlin"), span=timedelta(days=2)),
    sentence("posts.taken_up", person="Ann", at=Short(AT, "Europe/Berlin", has_time=True)),
    sentence("posts.stage_day", stage=Stage.FIRST_VALUE, day=1200),
    joined("; ", [quoted("Book the kickoff call"), begun(sentence("terms.the_champion"))]),
    of_playbook("Call {champion} and offer two times.", champion="Ann", sponsor="Bo"),
    pattern("• {what}", what=sentence("stalls.thin_map", known=2, needed=6)),
    pattern("{value}", value=3.5),
    sentence("terms.span_under_an_hour"),
]


@pytest.mark.parametrize("said", SAID)
def test_english_is_what_the_rules_say(said: Sentence) -> None:
    assert ENGLISH.sentence(said) == said
    assert "{" not in said


def test_german_is_said_from_the_same_values() -> None:
    assert [GERMAN.sentence(said) for said in SAID] == [
        "Ann Lee, bisher Champion, ist am 5. März 2026 ausgeschieden; eine Nachfolge ist nicht bekannt.",
        "Einmal angemeldet, am 5. März 2026, und seither nicht mehr.",
        "3-mal angemeldet, zuletzt am 5. März 2026, und seither nicht mehr.",
        "Die Übergabe ist unvollständig. Es fehlt: Ziele und a condition.",
        "Do., 5. März (2 Tage)",
        "Übernommen von Ann am Do., 5. März, 10:30 Uhr.",
        "Erstes Ergebnis, Tag 1.200",
        "„Termin für den Kickoff festlegen“; Champion",
        "Ann anrufen und zwei Termine anbieten.",
        "• Bekannt sind 2 von mindestens 6 Beteiligten.",
        "3,5",
        "weniger als eine Stunde",
    ]


def test_a_moment_is_told_in_the_zone_of_its_reader_and_in_utc_to_a_channel() -> None:
    said = sentence("stalls.kickoff_not_booked", limit=AT)
    assert said == "No kickoff is booked; it was to be booked by 5 March 2026, 09:30 UTC."
    assert ENGLISH.sentence(said) == said
    assert ENGLISH.sentence(said, "Europe/Berlin").endswith("by Thu 5 Mar, 10:30.")
    assert GERMAN.sentence(said, "Europe/Berlin").endswith("war: Do., 5. März, 10:30 Uhr.")
    assert GERMAN.sentence(said).endswith("war: 5. März 2026, 09:30 Uhr UTC.")
    assert ENGLISH.sentence("As planned on 5 March 2026, 09:30 UTC.", "Europe/Berlin").endswith("Thu 5 Mar, 10:30.")


@pytest.mark.parametrize("said", SAID)
def test_what_is_stored_is_read_back_with_its_parts(said: Sentence) -> None:
    read = with_parts(str(said), stored_parts([said, "plain"]))
    assert GERMAN.sentence(read) == GERMAN.sentence(said)
    assert stored_parts(["plain"]) == {}
    assert with_parts("plain", stored_parts([said])) == "plain"


def test_a_phrase_of_another_version_stays_english() -> None:
    gone = Sentence("As it was said.", "stalls.no_such_phrase", {})
    assert GERMAN.sentence(gone) == "As it was said."
    less = Sentence("Ann left.", "stalls.champion_left", {"person": "Ann"})
    assert GERMAN.sentence(less) == "Ann left.", "the phrase asks for more values now"


def test_every_role_side_item_severity_and_cause_has_a_term() -> None:
    names = [role_name(one) for one in (*VendorRole, *CustomerRole)]
    names += [side_name(one) for one in Side] + [item_name(one) for one in HandoffItem]
    names += [severity_name(one) for one in SEVERITIES] + [cause_name(one) for one in KINDS]
    assert [name for name in names if not isinstance(name, Sentence)] == []


FAMILIES = {
    "terms.role_": [*VendorRole, *CustomerRole],
    "terms.side_": list(Side),
    "terms.mover_": list(Side),
    "terms.item_": list(HandoffItem),
    "terms.severity_": list(SEVERITIES),
    "terms.cause_": list(KINDS),
    "terms.health_": "milestones use breadth depth goals tickets sponsor responsiveness effort".split(),  # noqa: SIM905
    "posts.level_": ["0", "1", "2", "3"],
    "posts.why_": [Status.COMPLETED, Status.CHURNED, Status.CANCELLED],
    "stalls.no_activation": ["", "_unread"],
    "stalls.": ["value_not_shown", "few_users"],
    "digest.section_": ["new", "worse", "better", "due", "waiting", "closed"],
    "tasks.handed_": ["to_you", "to_you_note", "over", "over_note"],
    "tasks.settle_": ["date", "blocked", "claimed", "call", "person"],
    "said.item_": list(ProfileItem),
    "said.mood_": ["0", "1", "2", "3"],
    "said.state_": list(BuyIn),
    "account_plan.": ["objective", "capability"],
    "account_plan.kind_": list(Advocacy),
    "account_plan.promise_": ["open", "open_due", "kept", "kept_on", "broken", "broken_on"],
    "account_plan.risk_": ["open", "broken"],
    "terms.status_": list(Status),
    "forms.group_": list(Side),
    "problems.lacks_": ["baseline", "target"],
    "problems.": ["baseline_no_number", "target_no_number"],
    "replies.outlook_": list(RenewalOutlook),
    "replies.draft_": list(DraftDecision),
    "replies.draft_approved": ["_already"],
    "replies.draft_discarded": ["_already"],
    "replies.draft_edited": ["_already"],
    "home.work_": list(HandoffItem),
    "replies.may_": list(Permission),
    "posts.move_": ["named_role", "followed_role"],
    "labels.": [one.name for one in fields(SECTIONS["labels"])],  # type: ignore[arg-type]
}
"""Phrases whose keys are put together, each with the names that may follow."""


def test_every_phrase_of_the_catalogue_is_said_somewhere() -> None:
    rooms = [path for room in ("onboarding", "tasks", "integrations") for path in (ROOT / room).rglob("*.py")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    used = set(re.findall(r"\"([a-z_]+\.[a-z0-9_]+)\"", sources))
    used |= set(re.findall(r"self\.words\.(terms\.[a-z_]+)", sources))
    used |= {f"terms.{name}" for name in re.findall(r"\bterms\.(span_[a-z_]+)", sources)}
    used |= {f"{start}{name}" for start, names in FAMILIES.items() for name in names}
    used |= {f"account_plan.{name}" for name in re.findall(r"\"([a-z_]+)\"", ACCOUNT_PLAN.read_text("utf-8"))}
    every = {f"{section}.{one.name}" for section, known in SECTIONS.items() for one in fields(known)}  # type: ignore[arg-type]
    assert every - used == set()


def test_each_label_is_read_where_messages_are_drawn() -> None:
    drawn = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "integrations" / "slack").rglob("*.py"))
    asked = {f"{act}{end}" for act in ("discard", "confirm", "refuse", "done") for end in ("", "_title", "_text")}
    read = set(re.findall(r"labels\.([a-z_]+)", drawn)) | asked
    labels = {one.name for one in fields(SECTIONS["labels"])}  # type: ignore[arg-type]
    assert {name for name in labels if not name.startswith("form_")} - read == set()
