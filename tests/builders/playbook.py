"""A small valid playbook for the tests of the rules."""

from functools import cache

from config.files.documents import adapter
from onboarding.model.playbook import Playbook
from tests.builders.stages import STAGES, Document
from tests.builders.steps import STEPS

_STALLS = (
    "handoff_incomplete",
    "kickoff_not_booked",
    "stage_overdue",
    "milestone_overdue",
    "no_activity",
    "no_activation",
    "silent_drop_off",
    "sponsor_missing",
    "champion_missing",
    "champion_left",
    "criterion_lost",
    "nobody_to_write_to",
    "owner_missing",
    "thin_map",
    "message_missed",
    "health_falling",
    "value_not_shown",
    "few_users",
)


@cache
def build_playbook(tier: str = "mid") -> Playbook:
    """All stages and steps, and each stall as a warning; frozen, so one serves all tests."""
    return playbook_with_stalls(
        tier, {name: {"severity": "warning", "next_step": f"Look into {name}", "source": "ours"} for name in _STALLS}
    )


def playbook_with_stalls(tier: str, stalls: Document) -> Playbook:
    """The playbook with these stall rules only, as they would stand in YAML."""
    return adapter(Playbook).validate_python(
        {
            "tier": tier,
            "title": f"Test playbook, {tier}",
            "target": {"days": 45, "source": "TH-9"},
            "check_in_anchor": "go_live" if tier == "high" else "signature",
            "go_live_grace_days": 30,
            "pace": {
                "hours": [{"start": "09:00", "end": "17:00"}],
                "mails_per_person_and_day": 2,
                "source": "ours",
            },
            "stakeholders": {"at_least": 2, "thin_below": 6 if tier == "high" else 0, "source": "SH-3"},
            "sponsor_expected": tier == "high",
            "stages": STAGES,
            "steps": STEPS,
            "stalls": stalls,
            "ladder": {
                "rungs": [
                    {"to": "csm", "after_working_hours": 0},
                    {"to": "cs_manager", "after_working_hours": 16},
                    {"to": "executive_sponsor", "after_working_hours": 40},
                ],
                "remind_every_working_days": 2,
                "ack_rests_working_days": 3,
                "source": "ours",
            },
        }
    )
