"""Stories of customers in setup and training. ``seen`` is what is there after one cycle over the sample."""

from datetime import timedelta
from typing import Any

import pytest


def test_setup_past_its_hard_timeline_starts_in_the_digest_with_its_cause(seen: Any) -> None:
    line = seen.line("setup_overdue")
    assert (line["stage"], line["adopted"], line["escalation_level"]) == ("setup", True, 0)
    assert line["stall_cause"].startswith("Setup should have ended on")
    assert "security and compliance review" in line["stall_cause"]
    assert "waiting for the customer" in line["stall_cause"]
    assert seen.owed("setup_overdue", "slack") == []  # it climbs only when nothing happens for days
    assert seen.inbox("setup_overdue") == []


def test_what_was_seen_for_the_first_time_is_not_caught_up(seen: Any) -> None:
    """Adopted customers get nothing that was due before we knew them."""
    for line in seen.lines:
        if line["adopted"]:
            for one in seen.effects:
                if one["deal_id"] == line["deal_id"] and one["channel"] == "mail":
                    assert one["due_at"] >= seen.as_of, (line["account_name"], one["kind"])


def test_check_ins_follow_a_go_live_that_moved(seen: Any) -> None:
    line = seen.line("go_live_moved")
    assert (line["tier"], line["stage"]) == ("high", "setup")
    assert line["go_live_at"] > seen.as_of.isoformat()
    assert "check_in_7" not in seen.kinds("go_live_moved")  # seven days after the old date would be today
    told = seen.explained("go_live_moved", "check_in_7")
    new_date = (seen.as_of + timedelta(days=15)).date()
    assert any(
        f"{new_date + timedelta(days=shift)}" in told or _words(new_date, shift) in told for shift in range(-1, 4)
    )


def test_a_small_company_on_time_gets_what_is_due_and_no_alarm(seen: Any) -> None:
    line = seen.line("tech_setup")
    assert (line["tier"], line["stage"], line["stalled_since"]) == ("tech", "setup", None)
    assert "technical_pack" in seen.kinds("tech_setup", "planned")
    assert "security_pack" in seen.kinds("tech_setup"), "nobody there is named for security, so another one reads it"
    assert seen.inbox("tech_setup") == []  # it is night in Adelaide


def test_a_missing_sponsor_is_a_flagged_risk_of_a_large_account(seen: Any) -> None:
    line = seen.line("sponsor_missing")
    assert "executive sponsor" in line["stall_cause"]
    assert line["stall_severity"] == "warning"
    assert seen.slack("arjun", "شركة الواحة للتجارة")


def test_silence_after_two_logins_is_told_with_its_dates(seen: Any) -> None:
    line = seen.line("silent_drop_off")
    assert line["stage"] == "training"
    assert line["stall_cause"].startswith("Logged in 2 times, last on")
    assert line["waiting_on"] == "customer"
    assert any("Logged in 2 times" in post["text"] for post in seen.slack("siobhan", "O'Malley"))


def test_no_mail_goes_to_a_champion_who_left_and_the_csm_is_asked_to_find_the_next(seen: Any) -> None:
    line = seen.line("champion_left")
    assert "Åsa Höglund left" in line["stall_cause"]
    assert not any("asa.hoglund" in str(mail["To"]) for mail in seen.mails)
    assert not any("asa.hoglund" in one["recipient"] for one in seen.owed("champion_left"))
    assert any("who takes over" in post["text"] for post in seen.slack("jonas", "Åkerström"))


def test_a_healthy_customer_half_way_is_left_in_peace(seen: Any) -> None:
    line = seen.line("mid_training")
    assert (line["stage"], line["stalled_since"], line["health_band"]) == ("training", None, "green")
    assert seen.owed("mid_training") == []
    assert line["next_touchpoint"] is not None


@pytest.mark.parametrize(
    ("name", "step", "who"),
    [
        ("due_at_day_7", "check_in_7", "ananya.iyer@chai-circuit.example"),
        ("due_at_day_30", "check_in_30", "inigo.penalver@penalver-ceramica.example"),
        ("due_at_day_90", "check_in_90", "thandiwe.nkosi@kgosi-fresh.example"),
    ],
)
def test_the_check_in_of_the_day_leaves_on_the_day(seen: Any, name: str, step: str, who: str) -> None:
    sent = [one for one in seen.owed(name, state="sent") if one["kind"] == step]
    assert [one["recipient"] for one in sent] == [who]
    assert sent[0]["due_at"] == seen.as_of
    assert any(who in str(mail["To"]) for mail in seen.inbox(name))


@pytest.mark.parametrize("name", ["due_at_day_7", "due_at_day_30", "due_at_day_90"])
def test_only_one_check_in_of_a_kind_is_ever_owed(seen: Any, name: str) -> None:
    kinds = [one["kind"] for one in seen.owed(name) if one["kind"].startswith("check_in")]
    assert len(kinds) == 1


def _words(day: Any, shift: int) -> str:
    moved = day + timedelta(days=shift)
    return f"{moved.day} {moved:%B %Y}"
