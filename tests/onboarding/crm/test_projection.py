"""Writes to the CRM and edits of its users: nothing is written twice, and their values hold."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.crm.edits import both_fields, theirs
from onboarding.crm.projection import MILESTONE, CrmRow, changed, milestone_fields, rows
from onboarding.facts.fold import fold_facts
from onboarding.health.summary import Summary, summarise
from onboarding.model.case import Case, Episode, Stall
from onboarding.model.crm_records import CrmMilestone
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.parties import Absence, AbsenceSource
from onboarding.model.review import Review, Upcoming
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import Channel, EffectState, Stage, VendorRole
from onboarding.review_case import review, review_context, review_without_writes
from tests.builders.case import CASE
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook
from tests.examples import examples

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=7)
STALL = Stall(
    kind="stage_overdue",
    severity="warning",
    cause="Setup should have ended.",
    waiting_on="customer",
    since=SIGNED + timedelta(days=2),
    next_step="Call",
)


def _review(case: Case, playbook: Any, now: datetime = NOW, **more: Any) -> Review:
    context = review_context(case, playbook, now)
    return Review(
        case_key=case.key,
        version=case.version,
        state=context.state,
        progress=context.progress,
        criteria=context.criteria,
        stage_due_at=context.stage_due_at,
        **more,
    )


def _summary(case: Case, playbook: Any, now: datetime = NOW, **more: Any) -> Summary:
    return summarise(case, _review(case, playbook, now, **more), now)


def _rows(case: Case, playbook: Any, now: datetime = NOW) -> Mapping[str, CrmRow]:
    review = _review(case, playbook, now)
    return rows(case, review, summarise(case, review, now))


def test_the_account_plan_is_in_the_row_from_the_last_stage_on() -> None:
    before = _rows(CASE, build_playbook())[CASE.key].fields
    done = replace(CASE, facts=build_done("activation"))
    after = _rows(done, build_playbook())[CASE.key].fields
    assert "Account_Plan__c" not in before
    assert (after["Account_Plan__c"] or "").startswith(f"# Account plan: {CASE.account.name}\n")
    assert (
        _rows(done, build_playbook(), NOW + timedelta(hours=5))[CASE.key].fields["Account_Plan__c"]
        == (after["Account_Plan__c"])
    )


def test_the_row_tells_what_the_health_score_is_the_sum_of() -> None:
    soon = SIGNED + timedelta(hours=3)
    used = Usage(known=True, read_at=soon, signals=(build_use("login", (soon, "ana")),))
    eased = build_fact("survey", "ces", SIGNED, value={"score": 6, "low": 1, "high": 7})
    asked = build_fact("ticket", "T-1", SIGNED, value={"topic": "import"})
    case = replace(CASE, usage=used, facts=(eased, asked))
    critical = replace(STALL, severity="critical")
    review = _review(case, build_playbook(), soon, stalls=(critical,))
    told = rows(case, review, summarise(case, review, soon))[case.key].fields
    score, added = (told["Health_Reasons__c"] or "").split(" = ")
    assert score == told["Health__c"]
    plus, minus = added.split(" - red flag ")
    points = [int(part.rsplit(" ", 1)[1]) for part in plus.split(" + ")]
    assert sum(points) - int(minus.split(" ")[0]) == int(score) < sum(points)
    assert "unknown: " in minus
    assert _rows(CASE, build_playbook())[CASE.key].fields["Health_Reasons__c"] is None


def test_people_and_goals_recorded_here_are_in_the_row() -> None:
    email = "petra@kunde.test"
    known = build_fact("stakeholder", "manager", SIGNED, value={"email": email, "role": "manager", "name": "Petra"})
    figures = {"metric": "Licences unused", "baseline": 80, "target": 10, "unit": "seats", "due": "2026-06-30"}
    goal = build_fact("goal", "Licences unused", SIGNED, value=figures)
    value = build_fact("goal_value", "Licences unused", SIGNED + timedelta(days=1), value={"value": 45})
    told = _rows(replace(CASE, facts=(known, goal, value)), build_playbook())[CASE.key].fields
    assert f"Petra, manager, {email}" in (told["People__c"] or "").splitlines()
    assert "Hanna Weber, champion, hanna@kunde.test" in (told["People__c"] or "").splitlines()
    assert (told["Goals__c"] or "").splitlines() == [
        "Quote turnaround: from 48 to 4 hours by 30 April 2026; no value yet (assumed)",
        "Licences unused: from 80 to 10 seats by 30 June 2026; 50 % of the way (assumed)",
    ]


def test_the_row_stays_while_only_time_passes_and_the_product_counts_on() -> None:
    figures = {"metric": "Quotes", "baseline": 0, "target": 1000, "unit": "quotes", "due": "2026-06-30"}
    goal = build_fact("goal", "Quotes", SIGNED, value={**figures, "signal": "quote"})

    def told(count: int, at: datetime) -> Mapping[str, str | None]:
        used = Usage(known=True, read_at=at, signals=(build_use("quote", *[(NOW, "ana")] * count),))
        return _rows(replace(CASE, usage=used, facts=(goal,)), build_playbook(), at)[CASE.key].fields

    before, after = told(101, NOW + timedelta(hours=1)), told(102, NOW + timedelta(days=2))
    assert "10 % of the way" in (before["Goals__c"] or "")
    assert (before["Goals__c"], before["Health_Reasons__c"]) == (after["Goals__c"], after["Health_Reasons__c"])


@pytest.mark.parametrize("length", [255, 256, 900])
def test_a_long_cause_is_cut_to_its_field_as_salesforce_refuses_the_row_otherwise(length: int) -> None:
    review = _review(CASE, build_playbook(), stalls=(replace(STALL, cause="x" * length),))
    told = rows(CASE, review, summarise(CASE, review, NOW))[CASE.key].fields["Stall_Cause__c"]
    assert told == ("x" * 255 if length == 255 else "x" * 254 + "…")


def _line(effect: PlannedEffect, state: EffectState) -> EffectLine:
    return EffectLine(
        key=effect.key,
        kind=effect.kind,
        occurrence=effect.occurrence,
        channel=effect.channel,
        person_id=effect.person_id,
        target_id=effect.target_id,
        recipient=effect.recipient,
        role=effect.role,
        state=state,
        due_at=effect.due_at,
        expires_at=None,
        sent_at=None,
    )


def test_rows_have_exactly_the_fields_of_the_package() -> None:
    case = replace(CASE, facts=build_done("materials_prepared"))
    found = _rows(case, build_playbook())
    own = found[case.key]
    assert own.object == "Onboarding__c"
    assert set(own.fields) == {
        *(
            "First90_Key__c",
            "Account__c",
            "Opportunity__c",
            "Stage__c",
            "Status__c",
            "Phase__c",
            "Tier__c",
            "Playbook__c",
        ),
        *("Signed_At__c", "Target_On__c", "Go_Live_At__c", "Activated_At__c", "Next_Touchpoint_At__c"),
        *(
            "Stalled_Since__c",
            "Stall_Cause__c",
            "Waiting_On__c",
            "Escalation_Level__c",
            "Owner_Email__c",
            "Health__c",
        ),
        *("Health_Reasons__c", "Goals__c", "People__c"),
    }
    assert own.fields["Signed_At__c"] == "2026-03-02T09:00:00Z"
    assert own.fields["Target_On__c"] == "2026-04-16"
    done = found[f"{case.key}:materials_prepared"]
    assert done.object == "Onboarding_Milestone__c"
    assert done.fields == {
        "First90_Key__c": f"{case.key}:materials_prepared",
        "Onboarding__c": case.key,
        "Stage__c": "handoff",
        "Milestone__c": "Materials prepared",
        "Status__c": "Done",
        "Due_On__c": "2026-03-04",
        "Completed_At__c": "2026-03-03T09:00:00Z",
        "Completed_By__c": "cleo@vendor.test",
        "Owner_Role__c": "csm",
        "Side__c": "vendor",
        "Assigned_To__c": None,
    }


def test_an_open_milestone_is_assigned_to_the_person_who_owes_it_and_to_the_cover_while_away() -> None:
    playbook, now = build_playbook(), NOW
    absence = Absence(since=now.date(), back=now.date() + timedelta(days=3), source=AbsenceSource.PERSON)
    csm = replace(CASE.owners["005CSM"], backup_id="005EXEC")
    case = replace(CASE, owners=CASE.owners | {"005CSM": csm})
    away = replace(CASE, owners=CASE.owners | {"005CSM": replace(csm, absences=(absence,))})
    here, covered = (
        {key: (row.fields["Owner_Role__c"], row.fields["Side__c"], row.fields["Assigned_To__c"]) for key, row in found}
        for found in (
            [(key, row) for key, row in _rows(one, playbook).items() if row.fields.get("Status__c") == "Open"]
            for one in (case, away)
        )
    )
    team = fold_facts(case, playbook, now).team
    ours = [(role, who) for role, _, who in here.values() if role in set(VendorRole)]
    assert ours
    assert [team[VendorRole(role)].id for role, _ in ours] == [who for _, who in ours]
    customers = {who for role, side, who in here.values() if role not in set(VendorRole)}
    assert customers == {"005CSM"}, "the accountable owner follows the customer's work"
    assert {who for role, side, who in covered.values() if role == "csm"} == {"005EXEC"}


def test_no_user_who_is_not_active_is_named_in_a_row() -> None:
    gone = {key: replace(owner, active=False) for key, owner in CASE.owners.items()}
    found = _rows(replace(CASE, owners=gone), build_playbook()).values()
    assert {row.fields["Assigned_To__c"] for row in found if row.fields.get("Status__c") == "Open"} == {None}


def test_a_milestone_that_is_closed_is_owed_by_no_user() -> None:
    case = replace(CASE, facts=build_done("materials_prepared"))
    assert _rows(case, build_playbook())[f"{case.key}:materials_prepared"].fields["Assigned_To__c"] is None


def test_the_first_projection_writes_every_row_and_the_second_none() -> None:
    case, playbook = CASE, build_playbook()
    found = _rows(case, playbook)
    effects, digests = changed(case, case.progress, found, NOW)
    assert len(effects) == len(found)
    assert effects[0].key == f"{case.key}:onboarding:1:crm:{case.key}"
    saved = replace(case.progress, crm_digests=digests)
    assert changed(replace(case, progress=saved), saved, _rows(case, playbook), NOW) == ((), digests)


def test_a_review_without_writes_says_the_same_but_for_the_crm() -> None:
    playbook = build_playbook()
    found, bare = (rules(CASE, playbook, NOW) for rules in (review, review_without_writes))
    messages = tuple(effect for effect in found.review.effects if effect.channel is not Channel.CRM)
    assert 0 < len(messages) < len(found.review.effects)
    progress = replace(found.review.progress, crm_digests=CASE.progress.crm_digests)
    assert bare == replace(found, review=replace(found.review, effects=messages, progress=progress))


def test_only_what_changed_is_written_under_the_next_number() -> None:
    case, playbook = CASE, build_playbook()
    _, digests = changed(case, case.progress, _rows(case, playbook), NOW)
    progress = replace(case.progress, crm_digests=digests)
    later = replace(case, progress=progress, facts=build_done("materials_prepared"))
    effects, _ = changed(later, progress, _rows(later, playbook), NOW)
    assert [effect.key for effect in effects] == [f"{case.key}:milestone:2:crm:{case.key}:materials_prepared"]


def test_no_second_write_is_planned_beside_one_that_waits_and_none_is_forgotten() -> None:
    case, playbook = CASE, build_playbook()
    effects, digests = changed(case, case.progress, _rows(case, playbook), NOW)
    progress = replace(case.progress, crm_digests=digests)
    waiting = tuple(_line(effect, EffectState.PLANNED) for effect in effects)
    later = replace(case, progress=progress, facts=build_done("materials_prepared"), effects=waiting)
    assert changed(later, progress, _rows(later, playbook), NOW) == ((), digests)
    sent = replace(later, effects=tuple(replace(line, state=EffectState.LEASED) for line in waiting))
    assert len(changed(sent, progress, _rows(later, playbook), NOW)[0]) == 1


def test_a_blocked_account_writes_nothing() -> None:
    case = CASE
    blocked = replace(case.progress, blocked="Onboarding__c is there already")
    assert changed(case, blocked, _rows(case, build_playbook()), NOW)[0] == ()


def test_the_summary_has_the_fields_of_status_as_plain_values() -> None:
    ahead = Upcoming(step="check_in_30", occurrence="1", title="", due_at=NOW + timedelta(days=2), to=(), because="")
    due = PlannedEffect(
        key="k",
        kind="welcome",
        occurrence="1",
        channel=Channel.MAIL,
        person_id="003",
        recipient="a@b.test",
        role="champion",
        due_at=NOW,
        because="",
    )
    episode = Episode(
        number=1,
        kind=STALL.kind,
        severity="warning",
        cause=STALL.cause,
        waiting_on="customer",
        since=STALL.since,
        next_step="Call",
        opened_at=NOW,
        level=2,
    )
    found = _summary(
        CASE, build_playbook(), stalls=(STALL,), upcoming=(ahead,), effects=(due,), episodes=(episode,)
    ).as_json()
    assert {
        *("account_id", "account_name", "deal_id", "tier", "playbook", "status", "stage", "stage_entered_at"),
        *("stage_due_at", "signed_at", "target_at", "go_live_at", "activated_at", "next_touchpoint"),
        *(
            "next_touchpoint_at",
            "adopted",
            "stalled_since",
            "stall_cause",
            "waiting_on",
            "escalation_level",
            "owner",
        ),
        *("health", "health_band"),
    } <= set(found)
    assert (found["next_touchpoint"], found["next_touchpoint_at"]) == ("check_in_30", "2026-03-11T09:00:00Z")
    assert (found["stalled_since"], found["waiting_on"], found["escalation_level"]) == (
        "2026-03-04T09:00:00Z",
        "customer",
        2,
    )
    assert found["health_band"] == "unknown"
    assert type(found["tier"]) is str


def test_the_most_urgent_comes_first() -> None:
    calm = _summary(CASE, build_playbook())
    stalled = _summary(CASE, build_playbook(), stalls=(STALL,))
    critical = _summary(CASE, build_playbook(), stalls=(replace(STALL, severity="critical"),))
    low = _summary(CASE, build_playbook(), stalls=(replace(STALL, severity="low"),))
    assert low.stalled_since is None
    ordered = sorted((calm, stalled, critical), key=lambda one: one.urgency)
    assert ordered == [critical, stalled, calm]


# Edits in the CRM


def _edit(case: Case, playbook: Any, name: str, written: Any, **row: Any) -> Any:
    state = fold_facts(case, playbook, NOW)
    milestone = state.milestones[name]
    fields = milestone_fields(case, milestone) if written == "ours" else written
    there = {"status": "Open", "due_on": milestone.due_at.date() if milestone.due_at else None, **row}
    return theirs(case, fields, CrmMilestone(key=f"{case.key}:{name}", **there), milestone, NOW)


def test_an_untouched_row_says_nothing() -> None:
    assert _edit(CASE, build_playbook(), "materials_prepared", "ours") == ((), ())


def test_a_tick_is_a_fact_with_who_and_when() -> None:
    when = SIGNED + timedelta(days=3)
    facts, conflicts = _edit(
        CASE,
        build_playbook(),
        "materials_prepared",
        "ours",
        status="Done",
        completed_at=when,
        completed_by="ann",
    )
    assert conflicts == ()
    assert [(fact.kind, fact.name, fact.at, fact.by, fact.source) for fact in facts] == [
        ("milestone", "materials_prepared", when, "ann", "crm")
    ]


def test_a_tick_without_a_date_counts_from_now_and_one_in_the_future_too() -> None:
    for at in (None, NOW + timedelta(days=4)):
        facts, _ = _edit(CASE, build_playbook(), "materials_prepared", "ours", status="Done", completed_at=at)
        assert (facts[0].at, facts[0].by) == (NOW, "crm")


def test_reading_the_same_row_again_gives_the_same_facts() -> None:
    one = _edit(CASE, build_playbook(), "materials_prepared", "ours", status="Done")
    assert one == _edit(CASE, build_playbook(), "materials_prepared", "ours", status="Done")


def test_a_row_that_was_there_from_the_start_counts_without_conflict() -> None:
    facts, conflicts = _edit(CASE, build_playbook(), "materials_prepared", None, status="Done")
    assert ([fact.kind for fact in facts], conflicts) == (["milestone"], ())


def test_not_applicable_carries_its_reason_and_a_new_date_its_day() -> None:
    facts, _ = _edit(
        CASE,
        build_playbook(),
        "materials_prepared",
        "ours",
        status="Not applicable",
        reason="They have their own",
        due_on=date(2026, 3, 20),
    )
    assert [(fact.kind, fact.value.get("reason"), fact.value.get("due_on")) for fact in facts] == [
        ("milestone_waived", "They have their own", None),
        ("milestone_due", None, "2026-03-20"),
    ]


def test_a_field_that_both_changed_is_shown_and_theirs_holds() -> None:
    playbook = build_playbook()
    before = milestone_fields(CASE, fold_facts(CASE, playbook, NOW).milestones["materials_prepared"])
    case = replace(CASE, facts=build_done("materials_prepared"))
    facts, conflicts = _edit(case, playbook, "materials_prepared", before, status="Not applicable", reason="Not needed")
    assert [fact.kind for fact in facts] == ["milestone_waived"]
    assert [(one.field, one.ours, one.theirs) for one in conflicts] == [("Status__c", "Done", "Not applicable")]
    held = replace(case, facts=(*case.facts, *facts))
    assert fold_facts(held, playbook, NOW).milestones["materials_prepared"].status == "not_applicable"


def test_a_corrected_completion_date_holds_over_the_earlier_report() -> None:
    case, later = replace(CASE, facts=build_done("materials_prepared")), SIGNED + timedelta(days=5)
    facts, _ = _edit(
        case,
        build_playbook(),
        "materials_prepared",
        "ours",
        status="Done",
        completed_at=later,
        completed_by="cleo@vendor.test",
    )
    milestone = fold_facts(replace(case, facts=(*case.facts, *facts)), build_playbook(), NOW).milestones[
        "materials_prepared"
    ]
    assert (milestone.status, milestone.done_at) == ("done", later)


EDITS = st.lists(
    st.one_of(
        st.sampled_from([("Done", ""), ("Open", ""), ("Not applicable", "no need")]),
        st.just(("sync", "")),
        st.just(("read", "")),
    ),
    max_size=14,
)


@settings(max_examples=examples(120))
@given(edits=EDITS)
def test_whatever_people_tick_untick_and_we_write_between_we_end_where_the_crm_stands(
    edits: list[tuple[str, str]],
) -> None:
    """A model of the CRM row that people edit and first90 reads and writes. After a read, both sides agree."""
    playbook, case, now = build_playbook(), CASE, NOW
    key = f"{case.key}:materials_prepared"
    row = CrmMilestone(key=key, status="Open")
    agreed: Mapping[str, str | None] | None = None
    facts: dict[str, Any] = {}
    for status, reason in [*edits, ("read", "")]:
        now += timedelta(hours=1)
        milestone = fold_facts(case, playbook, now).milestones["materials_prepared"]
        if status == "sync":
            agreed = written = milestone_fields(case, milestone)
            at = written["Completed_At__c"]
            row = CrmMilestone(
                key=key,
                status=str(written["Status__c"]),
                due_on=date.fromisoformat(str(written["Due_On__c"])),
                completed_at=datetime.fromisoformat(at.replace("Z", "+00:00")) if at else None,
                completed_by=written["Completed_By__c"] or "",
                reason=written.get("Reason__c") or row.reason,
            )
        elif status == "read" or row.status != status:
            if status != "read":
                row = replace(row, status=status, reason=reason)
            found, _ = theirs(case, agreed, row, milestone, now)
            facts |= {fact.key: fact for fact in found if fact.key not in facts}
            case = replace(case, facts=tuple(facts.values()))
            if found:
                agreed = {**(agreed or {}), **both_fields(row)}
            again, _ = theirs(case, agreed, row, fold_facts(case, playbook, now).milestones["materials_prepared"], now)
            assert {fact.key for fact in again} <= set(facts)
            spelt = {"Done": "done", "Open": "open", "Not applicable": "not_applicable"}[row.status]
            assert fold_facts(case, playbook, now).milestones["materials_prepared"].status == spelt


def test_work_that_is_open_after_an_untick_empties_its_completion() -> None:
    playbook = build_playbook()
    fields = milestone_fields(CASE, fold_facts(CASE, playbook, NOW).milestones["plan_agreed"])
    assert (fields["Completed_At__c"], fields["Completed_By__c"]) == (None, None)
    assert "Reason__c" not in fields
    assert fields["Stage__c"] == Stage.KICKOFF.value


@pytest.mark.slow
@settings(max_examples=100)
@given(values=st.dictionaries(st.from_regex(r"[A-Z][A-Za-z_]{1,12}__c", fullmatch=True), st.none() | st.text()))
def test_the_digest_of_a_row_is_that_of_its_json_whatever_its_texts_hold(values: dict[str, str | None]) -> None:
    """Digests are stored: computed differently, every row of every customer would be written once more."""
    row = CrmRow(object=MILESTONE, key="k", fields=values)
    _, digests = changed(CASE, CASE.progress, {row.key: row}, NOW)
    text = json.dumps([MILESTONE, values], sort_keys=True, ensure_ascii=False)
    assert digests["k"] == (1, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
