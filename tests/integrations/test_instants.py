"""Moments in external formats: one table for usage and CRM."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.crm.cells import CellError, Cells
from integrations.instants import instant
from integrations.signals.records import Sorting

EIGHT = datetime(2026, 3, 10, 8, tzinfo=UTC)
SECONDS = 1773129600
ZONES = ("", "Z", "z", "UTC", " UTC", "GMT", " GMT", "+00", "+0000", "+00:00", " +00:00", " +0000", "-00", " Etc/UTC")
FRACTIONS = ("", ".0", ".000", ".000000", ".000000000", ",000")
EPOCHS = [f"{SECONDS}{zeros}{rest}" for zeros, rest in product(("", "000", "000000", "000000000"), ("", ".0", ".000"))]


@pytest.mark.parametrize("text", [
    *(f"2026-03-10{gap}08:00:00{part}{zone}" for gap, part, zone in product("T ", FRACTIONS, ZONES)),
    *(f"2026-03-10{gap}08:00{zone}" for gap, zone in product("T ", ZONES)),
    "2026-03-10 10:00:00+02", "2026-03-10 13:30:00+0530", "2026-03-10T04:00:00-04:00",
    "2026-03-10 01:00:00.000 America/Los_Angeles", "2026-03-10 09:00:00 Europe/Berlin",
])  # fmt: skip
def test_one_moment_in_every_spelling(text: str) -> None:
    assert instant(text) == EIGHT
    assert Cells({"at": text}).instant("At") == EIGHT


@pytest.mark.parametrize("text", EPOCHS)
def test_counts_since_1970_are_a_time_of_usage_and_none_of_a_crm(text: str) -> None:
    assert instant(text, epochs=True) == EIGHT
    with pytest.raises(CellError, match="is no date"):
        Cells({"at": text}).instant("At")


@given(st.integers(631152000 * 10**6, 4133980799 * 10**6), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_no_count_is_taken_for_one_of_another_unit(micros: int, per_second: int) -> None:
    read = instant(str(micros * per_second // 10**6), epochs=True)
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
    assert timedelta(0) <= moment - read < timedelta(seconds=1)


def test_decimals_are_cut_and_never_move_a_day() -> None:
    last = datetime(2026, 3, 10, 23, 59, 59, 999999, tzinfo=UTC)
    assert instant("2026-03-10 23:59:59.999999999 UTC") == last
    assert instant("1773187199999999999", epochs=True) == last
    assert instant("1773187199.9999999", epochs=True) == last


@pytest.mark.parametrize("text", [
    "", "yesterday", "20260310", "1.77313E+12", "-1773129600", "10/03/2026", "2026-03-10 08:00:00 CET", "nan",
    "2026-03-10UTC", "2026-03-10 08:00:00.0000000001", "2026-02-30", "2026-03-10 25:00", "2026-03-10 08:00+25",
    "2026-03-10 08:00 No/Where", "2026-03-10 08:00 ../etc/passwd", "0226-03-10", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00+14:00", "99999999", "631151999", "4133980800", "9999999999999999999", "9" * 5000, "٢٠٢٦-٠٣-١٠",
])  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no date|on no calendar|outside the years"):
        instant(text, epochs=True)


@pytest.mark.parametrize("at", ["2026-03-10 08:00:00 UTC", SECONDS, SECONDS * 1000, float(SECONDS), SECONDS * 1000.0])
def test_usage_gives_text_or_numbers(at: object) -> None:
    sorting = Sorting("usage")
    sorting.take("line 1", {"domain": "acme.example", "signal": "login", "at": at})
    assert ([signal.at for signal in sorting.signals], sorting.problems) == ([EIGHT], ())
