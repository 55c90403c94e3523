"""The board counts every onboarding once, filters as asked, and keeps the most urgent of each stage first."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from onboarding.board.portfolio import Attention, Filter, arrange, attentions, chosen
from onboarding.model.vocabulary import LIVE, Stage, Status

LINES = some.builds(
    dict,
    status=some.sampled_from([status.value for status in Status]),
    stage=some.sampled_from([stage.value for stage in Stage]),
    tier=some.sampled_from(["high", "mid"]),
    owner=some.sampled_from([None, "mia@vendor.test", "Kim@vendor.test"]),
    health_band=some.sampled_from(["green", "red", "unknown"]),
    stalled_since=some.sampled_from([None, "2026-03-02T00:00:00Z"]),
    stall_severity=some.sampled_from([None, "warning", "critical"]),
    blocked=some.sampled_from([None, "which deal it is"]),
    unheld_roles=some.sampled_from([[], ["vendor:implementation_engineer"]]),
    account_name=some.sampled_from(["Acme", "Zoë & Söhne"]),
)
PORTFOLIOS = some.lists(LINES, max_size=30)


@given(PORTFOLIOS, some.integers(1, 5))
def test_every_onboarding_is_in_one_column_or_counted_as_gone(lines: list[Mapping[str, Any]], most: int) -> None:
    board = arrange(lines, Filter(), most)

    assert sum(column.count for column in board.columns) + board.gone == len(lines)
    for column in board.columns:
        of_stage = [line for line in chosen(lines, Filter()) if line["stage"] == column.stage]
        assert list(column.lines) == of_stage[:most]
        assert column.count == len(of_stage)
        assert column.stalled == sum(1 for line in of_stage if Attention.STALLED in attentions(line))


@given(PORTFOLIOS, some.sampled_from([None, *Attention]), some.sampled_from(["", "MIA@vendor.test"]))
def test_a_filter_narrows_the_columns_and_leaves_the_totals(
    lines: list[Mapping[str, Any]], why: Attention | None, owner: str
) -> None:
    asked = Filter(attention=why, owner=owner)

    whole, narrowed = arrange(lines, Filter(), 99), arrange(lines, asked, 99)

    assert (narrowed.live, narrowed.gone, narrowed.attention) == (whole.live, whole.gone, whole.attention)
    kept = [line for column in narrowed.columns for line in column.lines]
    assert all(asked.accepts(line) for line in kept)
    dropped = [line for column in whole.columns for line in column.lines if line not in kept]
    assert not any(asked.accepts(line) for line in dropped)


@given(LINES)
def test_what_is_over_needs_no_person(line: Mapping[str, Any]) -> None:
    assert not attentions(line) or line["status"] in LIVE


def test_a_part_of_a_name_finds_it_in_any_case() -> None:
    line = {"account_name": "Zoë & Söhne", "stage": "setup", "status": "active"}
    assert Filter(text="SÖHNE").accepts(line)
    assert not Filter(text="Acme").accepts(line)


@given(LINES)
def test_a_live_onboarding_whose_work_lacks_a_person_needs_one(line: Mapping[str, Any]) -> None:
    lacks = bool(line["unheld_roles"]) and line["status"] in LIVE
    assert (Attention.ROLE in attentions(line)) == lacks
    older = {name: value for name, value in line.items() if name != "unheld_roles"}
    assert Attention.ROLE not in attentions(older), "a line that an earlier version saved has no such field"
