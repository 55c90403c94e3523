"""Writing the CSV folder: keyed, atomic, and careful with people's edits."""

import csv
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.company.mapping import load_mapping
from integrations.csv_crm.cells import defuse, restore
from integrations.csv_crm.folder import CsvFolder
from integrations.ports import OutgoingMessage
from onboarding.model.identity import many_lines
from tests.examples import examples

DEAL = "0065g00000AAAA1AAP"
MILESTONES = "Onboarding_Milestone__c.csv"
WRITER = """
import sys
from pathlib import Path
from config.company.mapping import load_mapping
from integrations.csv_crm.folder import CsvFolder
from integrations.ports import OutgoingMessage
crm = CsvFolder(Path(sys.argv[1]), load_mapping())
for number in range(int(sys.argv[3])):
    fields = {"Stage__c": "setup", "Stall_Cause__c": "x" * 2000}
    payload = {"object": "Onboarding__c", "key": f"{sys.argv[2]}-{number}", "fields": fields}
    outcome, = crm.send([OutgoingMessage(key=f"effect-{number}", payload=payload)])
    assert outcome.state == "sent", outcome
"""


def send(folder: Path, key: str, base: Mapping[str, str] | None = None, **fields: object) -> None:
    crm_object = "Onboarding_Milestone__c" if ":" in key else "Onboarding__c"
    payload = {"object": crm_object, "key": key, "fields": fields, "base": base or {}}
    outcomes = CsvFolder(folder, load_mapping()).send([OutgoingMessage(key=f"{key}:effect", payload=payload)])
    assert [(outcome.state, outcome.provider_id) for outcome in outcomes] == [("sent", key)]


def rows(folder: Path, name: str = MILESTONES) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_is_made_once_and_then_kept_true(tmp_path: Path) -> None:
    send(tmp_path, f"{DEAL}:kickoff_held", Status__c="Open", Side__c="vendor", Due_On__c=None)
    send(tmp_path, f"{DEAL}:kickoff_held", Status__c="Done")
    assert [(row["Status__c"], row["Side__c"], row["Due_On__c"]) for row in rows(tmp_path)] == [("Done", "vendor", "")]


def test_a_repeat_does_not_even_touch_the_file(tmp_path: Path) -> None:
    send(tmp_path, DEAL, Stage__c="setup")
    before = (tmp_path / "Onboarding__c.csv").stat()
    send(tmp_path, DEAL, Stage__c="setup")
    after = (tmp_path / "Onboarding__c.csv").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_peoples_rows_columns_order_and_habits_stay(tmp_path: Path) -> None:
    theirs = (
        b'\xef\xbb\xbf"Mine","First90_Key__c","Status__c"\r\n'
        b'"a, ""note""\r\non two lines","0065g00000AAAA1:kickoff_held","Open"\r\n'
        b'"no key","",""\r\n'
        b'"M\xfcller","0065g00000AAAA2AAP:own","Done"\r\n'
    )
    (tmp_path / MILESTONES).write_bytes(theirs)
    send(tmp_path, f"{DEAL}:kickoff_held", Status__c="Done", Side__c="vendor")
    assert (tmp_path / MILESTONES).read_bytes() == (
        b'\xef\xbb\xbf"Mine","First90_Key__c","Status__c","Side__c"\r\n'
        b'"a, ""note""\r\non two lines","0065g00000AAAA1:kickoff_held","Done","vendor"\r\n'
        b'"no key","","",""\r\n'
        b'"M\xfcller","0065g00000AAAA2AAP:own","Done",""\r\n'
    )


def test_what_a_person_changed_meanwhile_holds_in_fields_of_both_sides(tmp_path: Path) -> None:
    key, base = f"{DEAL}:kickoff_held", {"Status__c": "Open", "Stage__c": "kickoff"}
    (tmp_path / MILESTONES).write_text(f"First90_Key__c,Status__c,Stage__c\n{key},Done,mine\n", "utf-8")
    send(tmp_path, key, base=base, Status__c="Open", Stage__c="setup")
    assert [(row["Status__c"], row["Stage__c"]) for row in rows(tmp_path)] == [("Done", "setup")]
    send(tmp_path, key, base={"Status__c": "done"}, Status__c="Not applicable")
    assert rows(tmp_path)[0]["Status__c"] == "Not applicable"


def test_what_a_person_filled_in_holds_where_it_was_empty_when_we_wrote(tmp_path: Path) -> None:
    key = f"{DEAL}:kickoff_held"
    content = f"First90_Key__c,Status__c,Completed_By__c\n{key},Done,ana@nordwind.example\n"
    (tmp_path / MILESTONES).write_text(content, "utf-8")
    send(tmp_path, key, base={"Status__c": "Open"}, Status__c="Open", Completed_By__c=None)
    assert [(row["Status__c"], row["Completed_By__c"]) for row in rows(tmp_path)] == [("Done", "ana@nordwind.example")]


def test_a_row_that_a_person_removed_comes_back_whole(tmp_path: Path) -> None:
    send(tmp_path, f"{DEAL}:kickoff_held", base={"Status__c": "Open"}, Status__c="Open")
    assert rows(tmp_path)[0]["Status__c"] == "Open"


def test_a_cell_that_is_too_long_is_called_that(tmp_path: Path) -> None:
    (tmp_path / MILESTONES).write_text(f"First90_Key__c,Status__c\n{DEAL}:x,{'x' * 200_000}\n", "utf-8")
    crm = CsvFolder(tmp_path, load_mapping())
    payload = {"object": "Onboarding_Milestone__c", "key": f"{DEAL}:x", "fields": {"Status__c": "Done"}}
    outcome = crm.send([OutgoingMessage(key="e", payload=payload)])[0]
    assert outcome.state == "transient"
    assert "near line 2: has a cell of more than 131,072 characters" in (outcome.error or "")


def test_a_file_that_a_person_broke_is_left_alone(tmp_path: Path) -> None:
    broken = f'First90_Key__c,Status__c\n{DEAL}:x,"Open\n'
    (tmp_path / MILESTONES).write_text(broken, "utf-8")
    crm = CsvFolder(tmp_path, load_mapping())
    payload = {"object": "Onboarding_Milestone__c", "key": f"{DEAL}:x", "fields": {"Status__c": "Done"}}
    outcome = crm.send([OutgoingMessage(key="e", payload=payload)])[0]
    assert outcome.state == "transient"
    assert "near line 2: has a stray quotation mark" in (outcome.error or "")
    assert (tmp_path / MILESTONES).read_text("utf-8") == broken


def test_a_malformed_parcel_fails_alone(tmp_path: Path) -> None:
    messages = [
        OutgoingMessage(key="a", payload={"object": "Account", "key": "x", "fields": {}}),
        OutgoingMessage(key="b", payload={"object": "Onboarding__c", "key": DEAL, "fields": {"Stage__c": "setup"}}),
        OutgoingMessage(key="c", payload={"object": "Onboarding__c"}),
    ]
    outcomes = CsvFolder(tmp_path, load_mapping()).send(messages)
    assert [outcome.state for outcome in outcomes] == ["permanent", "sent", "permanent"]
    assert len(rows(tmp_path, "Onboarding__c.csv")) == 1


def test_a_row_is_found_by_its_key_and_an_effect_never(tmp_path: Path) -> None:
    send(tmp_path, f"{DEAL}:kickoff_held", Status__c="Open")
    crm = CsvFolder(tmp_path, load_mapping())
    assert crm.find(f"{DEAL}:kickoff_held") == f"{DEAL}:kickoff_held"
    assert crm.find(f"{DEAL}:milestone:1:crm:{DEAL}:kickoff_held") is None


def test_a_folder_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    crm = CsvFolder(tmp_path / "none", load_mapping())
    payload = {"object": "Onboarding__c", "key": DEAL, "fields": {"Stage__c": "setup"}}
    outcome = crm.send([OutgoingMessage(key="e", payload=payload)])[0]
    assert (outcome.state, outcome.error) == (
        "transient",
        "Onboarding__c.csv cannot be written: No such file or directory",
    )


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'quoted", "'=1"])
def test_formulas_are_defused_and_read_back_as_they_were(formula: str, tmp_path: Path) -> None:
    (tmp_path / "Account.csv").write_text("Id,Name\n", "utf-8")
    (tmp_path / "Opportunity.csv").write_text("Id,AccountId,Name,CloseDate\n", "utf-8")
    send(tmp_path, f"{DEAL}:kickoff_held", Reason__c=formula, Status__c="Open")
    assert not rows(tmp_path)[0]["Reason__c"].startswith(("=", "+", "-", "@", "\t"))
    read = CsvFolder(tmp_path, load_mapping()).read_milestones(None).milestones[0]
    assert read.reason == many_lines(formula)


@settings(max_examples=examples(200))
@given(st.text())
def test_defusing_loses_nothing(text: str) -> None:
    assert restore(defuse(text)) == text
    assert not defuse(text).startswith(("=", "+", "-", "@", "\t", "\r", "\0"))


_CHANGES = st.dictionaries(
    st.sampled_from([f"{DEAL}:{name}" for name in ("a", "b", "c")] + ["0065g00000AAAA2AAP:short"]),
    st.fixed_dictionaries({}, optional={"Status__c": st.sampled_from(["Open", "Done"]), "Reason__c": st.text()}),
    min_size=1,
)
_EDITS = st.sampled_from(
    [
        b"",
        b"First90_Key__c,Mine\n0065g00000AAAA2AAP:short,\xff\n",
        b'\xef\xbb\xbf"Mine","First90_Key__c"\r\n"on\r\ntwo, lines","0065g00000AAAA1:a"\r\n\r\n"no key"\r\n',
        b"First90_Key__c,Status__c,Mine\n0065g00000AAAA1AAP:a,Done\n,,short\n0065g00000AAAA1AAP:a,Open,twice",
    ]
)


@settings(max_examples=examples(100))
@given(st.lists(_CHANGES | _EDITS, min_size=2, max_size=6))
def test_a_file_held_from_batch_to_batch_is_written_as_one_read_anew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, dict[str, str]] | bytes]
) -> None:
    folders = [tmp_path_factory.mktemp(name) for name in ("held", "anew")]
    held = CsvFolder(folders[0], load_mapping())
    held.batch = 2  # so that another batch follows each of these
    for step in steps:
        for folder, crm in zip(folders, (held, CsvFolder(folders[1], load_mapping())), strict=True):
            if isinstance(step, bytes):
                (folder / MILESTONES).write_bytes(step)
                continue
            messages = [
                OutgoingMessage(key=key, payload={"object": "Onboarding_Milestone__c", "key": key, "fields": fields})
                for key, fields in step.items()
            ]
            assert {outcome.state for outcome in crm.send(messages)} == {"sent"}
        one, other = (folder / MILESTONES for folder in folders)
        assert one.read_bytes() == other.read_bytes()


def test_an_edit_right_after_our_write_is_seen_though_it_is_as_long(tmp_path: Path) -> None:
    crm, base = CsvFolder(tmp_path, load_mapping()), {"Status__c": "Open"}
    crm.batch = 2

    def write(name: str) -> None:
        payload = {"object": "Onboarding_Milestone__c", "key": f"{DEAL}:{name}", "fields": base, "base": base}
        assert crm.send([OutgoingMessage(key=name, payload=payload)])[0].state == "sent"

    write("a")
    path = tmp_path / MILESTONES
    path.write_bytes(path.read_bytes().replace(b"Open", b"Done"))
    write("a")
    write("b")
    assert [row["Status__c"] for row in rows(tmp_path)] == ["Done", "Open"]


def test_our_own_milestones_are_told_as_a_move_of_the_cursor_and_another_change_is_not(tmp_path: Path) -> None:
    crm = CsvFolder(tmp_path, load_mapping())

    def write(status: str) -> None:
        payload = {"object": "Onboarding_Milestone__c", "key": f"{DEAL}:a", "fields": {"Status__c": status}}
        assert crm.send([OutgoingMessage(key=status, payload=payload)])[0].state == "sent"

    first = crm.read_milestones(None).cursor
    write("Open")
    write("Done")
    move = crm.own_milestones()
    assert move is not None
    assert (move.before, crm.read_milestones(move.after).unchanged) == (first, True)
    assert crm.own_milestones() is None
    write("Open")
    (tmp_path / MILESTONES).write_text(f"First90_Key__c,Status__c\n{DEAL}:a,Not applicable\n", "utf-8")
    write("Done")
    later = crm.own_milestones()
    assert later is not None
    assert later.before != move.after


@pytest.mark.slow
def test_two_processes_at_once_lose_nothing_and_no_reader_sees_half_a_file(tmp_path: Path) -> None:
    count = 60
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name, str(count)]) for name in "abc"]
    path = tmp_path / "Onboarding__c.csv"
    seen = 0
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                table = list(csv.reader(file, strict=True))
            assert all(len(row) == len(table[0]) for row in table)
            assert len(table) - 1 >= seen
            seen = len(table) - 1
        time.sleep(0.001)
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    keys = {row["First90_Key__c"] for row in rows(tmp_path, path.name)}
    assert keys == {f"{name}-{number}" for name in "abc" for number in range(count)}
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".new")] == []


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.02, 0.05, 0.1])
def test_a_writer_that_is_killed_leaves_a_whole_file_and_no_lock(delay: float, tmp_path: Path) -> None:
    send(tmp_path, DEAL, Stage__c="setup")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "a", "100000"])
    before = (tmp_path / "Onboarding__c.csv").stat().st_size
    while (tmp_path / "Onboarding__c.csv").stat().st_size == before and writer.poll() is None:
        time.sleep(0.001)
    time.sleep(delay)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    send(tmp_path, DEAL, Stage__c="training")
    found = rows(tmp_path, "Onboarding__c.csv")
    assert found[0]["Stage__c"] == "training"
    assert all(row["Stage__c"] == "setup" and len(row["Stall_Cause__c"]) == 2000 for row in found[1:])
    assert sorted(os.listdir(tmp_path)) == [".first90.lock", "Onboarding__c.csv"]


def _hold(path: Path, held: "multiprocessing.synchronize.Event", go: "multiprocessing.synchronize.Event") -> None:
    from integrations.locks import locked

    with locked(path):
        held.set()
        go.wait(30)


@pytest.mark.slow
def test_a_lock_that_is_not_given_up_is_answered_not_waited_for_forever(tmp_path: Path) -> None:
    from integrations.locks import Busy, locked

    context = multiprocessing.get_context("spawn")
    held, go = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "lock", held, go))
    holder.start()
    try:
        assert held.wait(30)
        with (
            pytest.raises(Busy, match="lock is held by another process"),
            locked(tmp_path / "lock", wait=0.05),
        ):
            pass
    finally:
        go.set()
        holder.join()
    with locked(tmp_path / "lock", wait=0.05):
        pass
