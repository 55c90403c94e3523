"""The chat file: one call a line, one line an effect, and no half line that lasts."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from integrations.ports import OutgoingMessage
from integrations.slack.elsewhere import CONTEXT, ELSEWHERE, ON_ITS_OWN
from integrations.slack.file import ChatFile
from onboarding.effects.send_result import ResultState, SendResult

AS_OF = "2026-03-02T09:00:00+00:00"
SENDER = """
import sys
from pathlib import Path
from integrations.slack.file import ChatFile
from integrations.ports import OutgoingMessage
chat = ChatFile(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    post = {"headline": "x" * 100, "lines": ["y" * 2000] * 3}
    payload = {"method": "chat.postMessage", "channel": "U1", "post": post, "as_of": "2026-03-02T09:00:00Z"}
    outcome, = chat.send([OutgoingMessage(key=f"effect-{number}", payload=payload)])
    assert outcome.state == "sent", outcome
"""


def outgoing(key: str, headline: str = "Acme stalled", **more: Any) -> OutgoingMessage:
    post = {"headline": headline, "facts": [["Since", "2 days"]], "lines": [], "footer": "", "link": None}
    payload = {
        "method": "chat.postMessage",
        "channel": "U1",
        "post": post,
        "as_of": AS_OF,
        "thread_ts": None,
        "ts": None,
    }
    return OutgoingMessage(key=key, payload=payload | more)


def calls(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def sent(chat: ChatFile, *messages: OutgoingMessage) -> list[str]:
    outcomes = chat.send(messages)
    assert {outcome.state for outcome in outcomes} == {"sent"}
    return [str(outcome.provider_id) for outcome in outcomes]


def test_a_line_is_what_slack_would_get(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    (ts,) = sent(ChatFile(path), outgoing("stall:1"))
    (call,) = calls(path)
    assert list(call) == [
        "method", "ts", "channel", "text", "blocks", "metadata", "unfurl_links", "unfurl_media",
    ]  # fmt: skip
    assert (call["method"], call["ts"], call["channel"]) == ("chat.postMessage", ts, "U1")
    assert call["metadata"] == {"event_type": "first90_effect", "event_payload": {"key": "stall:1"}}
    assert call["unfurl_links"] is call["unfurl_media"] is False


def test_times_are_unique_increasing_and_the_same_in_every_replay(tmp_path: Path) -> None:
    ids = [sent(ChatFile(tmp_path / name), *(outgoing(str(number)) for number in range(5))) for name in "ab"]
    assert ids[0] == ids[1] == sorted(set(ids[0]))
    assert ids[0][0] == "1772442000.000100"
    later = sent(ChatFile(tmp_path / "a"), outgoing("late", as_of="2026-03-01T09:00:00+00:00"))
    assert later[0] > ids[0][-1]
    assert (tmp_path / "a").read_text("utf-8").startswith((tmp_path / "b").read_text("utf-8"))


def test_threads_and_updates_name_their_message(tmp_path: Path) -> None:
    chat, path = ChatFile(tmp_path / "chat"), tmp_path / "chat"
    (first,) = sent(chat, outgoing("stall:1"))
    reply, edit = sent(chat, outgoing("stall:2", thread_ts=first), outgoing("stall:3", method="chat.update", ts=first))
    assert edit == first != reply
    assert [(call["method"], call["ts"], call.get("thread_ts")) for call in calls(path)] == [
        ("chat.postMessage", first, None),
        ("chat.postMessage", reply, first),
        ("chat.update", first, None),
    ]


def test_a_repeat_adds_nothing_in_this_process_or_another(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    chat = ChatFile(path)
    ids = sent(chat, outgoing("a"), outgoing("a"), outgoing("b"))
    assert ids == [ids[0], ids[0], ids[2]]
    assert sent(ChatFile(path), outgoing("b"), outgoing("a")) == [ids[2], ids[0]]
    (other,) = sent(ChatFile(path), outgoing("c"))
    assert chat.find("c") == other
    assert sent(chat, outgoing("c")) == [other]
    assert len(calls(path)) == 3


def test_half_a_line_is_taken_away_and_its_effect_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    sent(ChatFile(path), outgoing("a"), outgoing("b"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-50])
    assert ChatFile(path).find("b") is None
    sent(ChatFile(path), outgoing("b"))
    assert path.read_bytes() == whole


def test_a_line_that_lacks_only_its_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    (ts,) = sent(ChatFile(path), outgoing("a"))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert sent(ChatFile(path), outgoing("a"), outgoing("b"))[0] == ts
    assert len(calls(path)) == 2


def test_lines_of_others_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    path.write_text('not json\n{"ts": "1999999999.000100"}\n[1]\n', "utf-8")
    (ts,) = sent(ChatFile(path), outgoing("a"))
    assert ts > "1999999999.000100"
    assert path.read_text("utf-8").startswith("not json\n")


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    chat = ChatFile(path)
    sent(chat, outgoing("a"))
    path.rename(tmp_path / "old")
    sent(chat, outgoing("b"))
    assert [call["metadata"]["event_payload"]["key"] for call in calls(path)] == ["b"]


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "chat.delete"},
        {"channel": ""},
        {"post": {}},
        {"as_of": "2026-03-02T09:00:00"},
        {"method": "chat.update", "ts": None},
    ],
)
def test_a_malformed_message_fails_alone(changes: dict[str, Any], tmp_path: Path) -> None:
    outcomes = ChatFile(tmp_path / "chat").send([outgoing("a"), outgoing("b", **changes), outgoing("c")])
    assert [outcome.state for outcome in outcomes] == ["sent", "permanent", "sent"]
    assert len(calls(tmp_path / "chat")) == 2


def test_a_file_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outcomes = ChatFile(tmp_path / "file" / "chat").send([outgoing("a")])
    assert list(outcomes) == [SendResult(state=ResultState.TRANSIENT, error="chat file cannot be written: File exists")]


@pytest.mark.slow
def test_processes_at_once_write_each_effect_once(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    running = [subprocess.Popen([sys.executable, "-c", SENDER, str(path), "40"]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    keys = [call["metadata"]["event_payload"]["key"] for call in calls(path)]
    times = [call["ts"] for call in calls(path)]
    assert sorted(keys) == sorted({f"effect-{number}" for number in range(40)})
    assert times == sorted(set(times))


def test_a_sender_that_is_killed_leaves_a_file_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "chat"
    process = subprocess.Popen([sys.executable, "-c", SENDER, str(path), "100000"])
    while not path.exists() and process.poll() is None:
        time.sleep(0.001)
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    sent(ChatFile(path), outgoing("after"))
    assert calls(path)[-1]["metadata"]["event_payload"]["key"] == "after"


def test_what_is_about_a_message_in_a_workspace_is_told_alone_or_given_up_in_words(tmp_path: Path) -> None:
    chat, path, there = ChatFile(tmp_path / "chat"), tmp_path / "chat", "DU0001/1772442000.000100"
    reply, edit = chat.send([outgoing("stall:2", thread_ts=there), outgoing("stall:3", method="chat.update", ts=there)])
    assert (reply.state, reply.error) == ("sent", ON_ITS_OWN)
    assert edit == SendResult(state=ResultState.SENT, provider_id=there, error=ELSEWHERE)
    (call,) = calls(path)
    assert "thread_ts" not in call
    assert "Acme stalled" in call["text"]
    assert CONTEXT in json.dumps(call["blocks"])
    assert chat.send([outgoing("stall:4", thread_ts=reply.provider_id)])[0].error is None
