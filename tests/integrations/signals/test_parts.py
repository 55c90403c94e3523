"""A read in parts: every event once, whatever the order of the rows, their repetition and the size of the parts."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.signals import records, repeats
from integrations.signals.csv_file import SignalFile
from integrations.signals.repeats import Repeats
from onboarding.model.usage import SignalBatch, joined
from tests.examples import examples

HEADER = "domain,signal,at,user,count"
ROW = st.tuples(
    st.sampled_from(["a.example", "b.example"]),
    st.sampled_from(["login", "task_completed"]),
    st.sampled_from(["2026-03-02", "2026-03-03T09:00Z", "2026-03-01T22:00:00-02:00"]),
    st.sampled_from(["ann", "bo", ""]),
    st.sampled_from(["1", "2", "", "many"]),
)


def read(path: Path, rows: list[tuple[str, ...]]) -> list[SignalBatch]:
    path.write_text("\n".join([HEADER, *map(",".join, rows), ""]), "utf-8")
    return list(SignalFile(path).read(None))


@settings(
    max_examples=examples(60),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), rows=st.lists(ROW, max_size=30), size=st.integers(1, 7))
def test_order_and_parts_change_no_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject, rows: list[tuple[str, ...]], size: int
) -> None:
    orderly = joined(read(tmp_path / "signals.csv", rows))
    monkeypatch.setattr(records, "PART", size)
    parts = read(tmp_path / "signals.csv", data.draw(st.permutations(rows)))
    assert all(len(part.signals) <= size for part in parts)
    assert [part.more for part in parts] == [True] * (len(parts) - 1) + [False]
    shuffled = joined(parts)
    assert len({one.key for one in shuffled.signals}) == len(shuffled.signals), "equal rows stay as many as they are"
    assert sorted(shuffled.signals, key=str) == sorted(orderly.signals, key=str)
    assert len(shuffled.problems) == len(orderly.problems)


def test_many_digests_are_numbered_as_a_dictionary_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "FIRST_SIZE", 4)
    seen, counted = Repeats(), dict[bytes, int]()
    for number in range(5000):
        digest = ((number * 7919) % 1500 * 2**40).to_bytes(20, "little")[::-1]
        digest = digest[-8:] + digest[:-8]
        assert seen.count(digest) == counted.get(digest, 0)
        counted[digest] = counted.get(digest, 0) + 1


@pytest.mark.slow
def test_a_file_that_is_too_large_for_memory_is_read_with_little(tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("domain,signal,at,id,note\n")
        for number in range(20_000):
            file.write(f"a.example,login,2026-03-02,e{number},{'x' * 500}\n")

    def most(parts: Iterator[SignalBatch]) -> int:

        tracemalloc.start()
        try:
            assert sum(len(part.signals) for part in parts) == 20_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert path.stat().st_size > 10_000_000
    assert most(SignalFile(path).read(None)) < 8_000_000
