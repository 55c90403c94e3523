"""Messages reach their user or channel, and each failure gets its result."""

import logging
import socket
import threading
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings.channels import SlackChat
from integrations import far_clocks
from integrations.ports import OutgoingMessage, Unreachable
from integrations.slack.elsewhere import CONTEXT, ELSEWHERE, ON_ITS_OWN
from integrations.slack.workspace import DELETED, NOT_THERE, SlackWorkspace
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.forms.buttons import Buttons
from onboarding.forms.form import FormKind
from onboarding.messages.posts import Post
from tests.integrations.slack.conftest import CLEO, MakeParcel
from tests.integrations.slack.far_slack import MANAGERS, FarSlack, far_slack


def sent(workspace: SlackWorkspace, outgoing: OutgoingMessage) -> SendResult:
    (outcome,) = workspace.send([outgoing])
    return outcome


def at(method: str, word: str, *numbers: int) -> Any:
    """A mood with faults in these calls of one method, and none otherwise."""
    return lambda called, number: word if called == method and number in (numbers or (1,)) else "accept"


def test_a_person_is_found_by_mail_address_and_written_to_directly(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    outcome = sent(workspace, make_parcel())
    (message,) = slack.inbox(CLEO)
    assert outcome == SendResult(state=ResultState.SENT, provider_id=f"DU0001/{message.ts}")
    assert message.body["metadata"] == {
        "event_type": "first90_effect",
        "event_payload": {"key": "006A:stall:1.1:slack:005C"},
    }
    assert (message.body["unfurl_links"], message.body["unfurl_media"]) == (False, False)


def test_each_answer_says_how_far_this_machines_clock_is_ahead(
    workspace: SlackWorkspace, make_parcel: MakeParcel
) -> None:
    sent(workspace, make_parcel())
    (one,) = far_clocks.heard().values()
    assert abs(one.ahead) < timedelta(seconds=5)


def test_who_was_found_is_not_looked_up_again(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    for number in range(3):
        sent(workspace, make_parcel(f"006A:stall:{number}.1:slack:005C"))
    assert [slack.count(name) for name in ("users.lookupByEmail", "conversations.open", "chat.postMessage")] == [
        1,
        1,
        3,
    ]


@pytest.mark.parametrize("gone", ["unknown", "deactivated", "bot"])
def test_whom_slack_does_not_know_is_told_in_the_channel_by_name(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, gone: str
) -> None:
    if gone != "unknown":
        slack.person(
            "Ghost", "ghost@vendor.example", **{"deactivated": {"deleted": True}, "bot": {"is_bot": True}}[gone]
        )
    outcome = sent(workspace, make_parcel(channel="ghost@vendor.example"))
    (message,) = slack.within(MANAGERS)
    assert outcome == SendResult(state=ResultState.SENT, provider_id=f"{MANAGERS}/{message.ts}", error=NOT_THERE)
    assert "For Cleo Csm, whom Slack does not know" in message.text
    assert "ghost@vendor.example" not in message.text


def test_what_is_told_in_the_channel_holds_no_link_of_one_person(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    own = "https://first90.vendor.example/board?token=lea"
    post = Post(headline="Acme", lines=("Call.",), severity="critical", page=own, page_words="All of it on the board")
    ghost = {"channel": "ghost@vendor.example", "post": post}
    parent = sent(workspace, make_parcel(**ghost)).provider_id
    sent(workspace, make_parcel("006A:stall:1.2:slack:005C", thread_ts=parent, **ghost))
    told = slack.within(MANAGERS)
    sent(workspace, make_parcel("006A:stall:1.3:slack:005C", method="chat.update", ts=parent, **ghost))
    assert len(told) == 2
    for message in slack.within(MANAGERS):
        assert "token=lea" not in str(message.body)
        assert "For Cleo Csm" in message.text
        assert "🔴" in message.text
    sent(workspace, make_parcel("006A:stall:1.4:slack:005C", post=post))
    assert "token=lea" in str(slack.inbox(CLEO)[0].body), "the person's own message has it"


def test_who_was_deactivated_meanwhile_is_told_in_the_channel_too(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    sent(workspace, make_parcel("006A:stall:1.1:slack:005C"))
    slack.mood = at("chat.postMessage", "error channel_not_found", 2)
    assert sent(workspace, make_parcel("006A:stall:2.1:slack:005C")).error == NOT_THERE
    assert len(slack.within(MANAGERS)) == 1


def test_an_edit_and_a_reply_find_the_message_that_is_out(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    parent = sent(workspace, make_parcel()).provider_id
    edit = make_parcel("006A:stall:1.2:slack:005C", method="chat.update", ts=parent, post=Post(headline="Acme: over"))
    reply = make_parcel("006A:stall:1.3:slack:005C", thread_ts=parent, post=Post(headline="now also with the manager"))
    assert sent(workspace, edit) == SendResult(state=ResultState.SENT, provider_id=parent)
    assert sent(workspace, reply).state == "sent"
    message, answer = slack.inbox(CLEO)
    assert (message.edits, message.body["text"]) == (1, "Acme: over")
    assert answer.thread_ts == message.ts


def test_news_mention_their_reader_in_the_thread_and_nobody_where_slack_knows_no_such_user(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    first = sent(workspace, make_parcel(mentions=True))
    assert first.state == "sent", first
    parent = first.provider_id
    sent(workspace, make_parcel("006A:stall:1.3:slack:005C", thread_ts=parent, mentions=True))
    user = workspace.people.user(CLEO)
    assert [message.body["text"].split()[0] for message in slack.inbox(CLEO)] == [f"<@{user}>"] * 2
    sent(workspace, make_parcel("006A:stall:2.1:slack:005C", channel="gone@vendor.example", mentions=True))
    (other,) = slack.within(MANAGERS)
    assert "<@" not in other.body["text"]


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
def test_a_deleted_message_is_left_alone(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, method: str
) -> None:
    parent = sent(workspace, make_parcel()).provider_id
    slack.messages[0].deleted = True
    later = {"ts": parent} if method == "chat.update" else {"thread_ts": parent}
    outcome = sent(workspace, make_parcel("006A:stall:1.2:slack:005C", method=method, **later))
    assert outcome == SendResult(state=ResultState.SENT, provider_id=parent, error=DELETED)
    assert slack.inbox(CLEO) == []


IN_A_FILE, IN_ANOTHER = "1772442000.000100", "DU9999/1772442000.000100"


@pytest.mark.parametrize("parent", [IN_A_FILE, IN_ANOTHER, "C9999/1772442000.000100"])
def test_a_reply_to_a_message_in_another_chat_becomes_a_message_of_its_own(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, parent: str
) -> None:
    if parent.startswith("C"):
        slack.mood = at("chat.postMessage", "error channel_not_found")
    outcome = sent(workspace, make_parcel(thread_ts=parent))
    (message,) = slack.inbox(CLEO)
    assert outcome == SendResult(state=ResultState.SENT, provider_id=f"DU0001/{message.ts}", error=ON_ITS_OWN)
    assert message.thread_ts is None
    assert "Acme: kickoff not booked" in message.text
    assert CONTEXT in message.text


@pytest.mark.parametrize("parent", [IN_A_FILE, IN_ANOTHER])
def test_such_a_reply_is_found_after_a_doubt(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, parent: str
) -> None:
    slack.mood = at("chat.postMessage", "accept-and-break", 1 if parent == IN_A_FILE else 2)
    outgoing = make_parcel(thread_ts=parent)
    assert sent(workspace, outgoing).state == "unknown"
    (message,) = slack.inbox(CLEO)
    assert workspace.find(outgoing.key) == f"DU0001/{message.ts}"


@pytest.mark.parametrize("place", [IN_A_FILE, IN_ANOTHER, "C9999/1772442000.000100"])
def test_an_edit_of_a_message_in_another_chat_is_given_up_in_words(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, place: str
) -> None:
    if place.startswith("C"):
        slack.mood = at("chat.update", "error channel_not_found")
    outcome = sent(workspace, make_parcel(method="chat.update", ts=place))
    assert outcome == SendResult(state=ResultState.SENT, provider_id=place, error=ELSEWHERE)
    assert slack.messages == []


def test_an_edit_in_the_managers_channel_waits_until_the_app_is_invited_again(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    slack.mood = at("chat.update", "error channel_not_found")
    edit = make_parcel(method="chat.update", ts=f"{MANAGERS}/1772442000.000100", channel=MANAGERS)
    outcome = sent(workspace, edit)
    assert (outcome.state, "/invite" in str(outcome.error)) == ("transient", True)


def test_to_a_channel_by_id_or_by_name(workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel) -> None:
    slack.joined.add("#managers")
    assert sent(workspace, make_parcel(channel=MANAGERS)).provider_id == f"{MANAGERS}/{slack.messages[0].ts}"
    assert sent(workspace, make_parcel("006A:stall:1.2:slack:channel", channel="#managers")).state == "sent"


TRANSIENT = {"state": "transient"}
CHANNEL_DOWN = {"state": "transient", "channel_down": True}


@pytest.mark.parametrize(
    ("word", "wanted", "told"),
    [
        ("busy 30", TRANSIENT | {"retry_after": 30.0}, "ratelimited"),
        ("busy 0", TRANSIENT | {"retry_after": 0.0}, "ratelimited"),
        ("busy soon", TRANSIENT, "ratelimited"),
        ("busy", TRANSIENT, "ratelimited"),
        ("error ratelimited", TRANSIENT, "ratelimited"),
        ("error service_unavailable", TRANSIENT, "service_unavailable"),
        ("error request_timeout", TRANSIENT, "request_timeout"),
        ("error something_new", TRANSIENT, "something_new"),
        ("page 503", TRANSIENT, "503"),
        ("page 404", TRANSIENT, "404"),
        ("page 502", {"state": "unknown"}, "502"),
        ("error internal_error", {"state": "unknown"}, "internal_error"),
        ("error fatal_error", {"state": "unknown"}, "fatal_error"),
        ("break", {"state": "unknown"}, "broke"),
        ("accept-and-break", {"state": "unknown"}, "broke"),
        ("accept-and-half", {"state": "unknown"}, "broke"),
        ("error invalid_auth", CHANNEL_DOWN, "FIRST90_SLACK_TOKEN"),
        ("error token_revoked", CHANNEL_DOWN, "install the app again"),
        ("error account_inactive", CHANNEL_DOWN, "deactivated"),
        ("error missing_scope", CHANNEL_DOWN, "OAuth & Permissions"),
        ("error msg_too_long", {"state": "permanent"}, "msg_too_long"),
        ("error invalid_blocks", {"state": "permanent"}, "invalid_blocks"),
        ("error no_text", {"state": "permanent"}, "no_text"),
        ("error metadata_too_large", {"state": "permanent"}, "metadata_too_large"),
    ],
)
def test_a_refused_post_is_told_for_what_it_is(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, word: str, wanted: dict[str, Any], told: str
) -> None:
    slack.mood = at("chat.postMessage", word)
    outcome = sent(workspace, make_parcel())
    assert told in (outcome.error or "")
    assert outcome == SendResult(error=outcome.error, **wanted)
    assert slack.count("chat.postMessage") == 1, "nothing is tried again behind the ledger's back"


@pytest.mark.parametrize("method", ["users.lookupByEmail", "conversations.open"])
@pytest.mark.parametrize("word", ["break", "page 502", "error internal_error", "busy 7"])
def test_trouble_before_the_post_is_no_doubt(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, method: str, word: str
) -> None:
    slack.mood = at(method, word)
    outcome = sent(workspace, make_parcel())
    assert (outcome.state, slack.messages) == ("transient", [])
    assert sent(workspace, make_parcel()).state == "sent"


def test_a_doubtful_edit_is_no_doubt_because_it_may_be_repeated(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    parent = sent(workspace, make_parcel()).provider_id
    slack.mood = at("chat.update", "accept-and-break")
    edit = make_parcel("006A:stall:1.2:slack:005C", method="chat.update", ts=parent)
    assert sent(workspace, edit).state == "transient"
    assert workspace.find(edit.key) is None


def test_a_missing_scope_is_named(workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel) -> None:
    slack.scopes.discard("users:read.email")
    assert "needed: users:read.email" in (sent(workspace, make_parcel()).error or "")


@pytest.mark.parametrize(
    ("why", "mend"),
    [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("is_archived", "is archived: restore it"),
        ("restricted_action", "have an admin allow the app"),
        ("restricted_action_read_only_channel", "have an admin allow the app"),
    ],
)
def test_a_channel_that_cannot_be_written_to_waits_for_its_own_mend(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, why: str, mend: str
) -> None:
    if why == "is_archived":
        slack.archived.add(MANAGERS)
    elif why == "not_in_channel":
        slack.joined.clear()
    else:
        slack.mood = at("chat.postMessage", f"error {why}")
    outcome = sent(workspace, make_parcel(channel=MANAGERS))
    assert outcome.state == "transient"
    assert not outcome.channel_down, "people can still be written to"
    assert why in (outcome.error or "")
    assert mend in (outcome.error or "")
    assert ("/invite" in (outcome.error or "")) == (mend == "/invite")


def test_a_refused_connection_is_certainly_not_sent(choice: SlackChat, make_parcel: MakeParcel) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        deaf = SlackChat(token=choice.token, channel=MANAGERS, api_url=f"http://127.0.0.1:{taken.getsockname()[1]}/api")
        outcome = sent(SlackWorkspace(deaf, {}.get), make_parcel(channel=MANAGERS))
    assert (outcome.state, outcome.error) == (
        "transient",
        "Slack cannot be reached for chat.postMessage: ConnectionRefusedError",
    )


def test_a_payload_that_is_none_is_our_fault(workspace: SlackWorkspace, make_parcel: MakeParcel) -> None:
    assert sent(workspace, OutgoingMessage(key="x", payload={"method": "chat.postMessage"})).state == "permanent"
    assert sent(workspace, make_parcel(method="chat.update", ts=None)).state == "permanent"


def test_several_threads_share_one_workspace(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    messages = [make_parcel(f"006A:stall:{number}.1:slack:005C") for number in range(40)]
    found: list[SendResult] = []
    threads = [threading.Thread(target=lambda one=one: found.extend(workspace.send([one]))) for one in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {outcome.state for outcome in found} == {"sent"}
    assert slack.created == {outgoing.key: 1 for outgoing in messages}


def test_nothing_of_a_message_its_reader_or_the_token_is_logged_or_told(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = ""
    for word in ("error invalid_blocks", "break", "page 500", "error invalid_auth", "accept-and-half", "busy 3"):
        slack.mood = lambda method, number, word=word: word
        told += str(sent(workspace, make_parcel(post=Post(headline="Canary Ltd"))))
        told += str(sent(workspace, make_parcel(channel=MANAGERS, post=Post(headline="Canary Ltd"))))
    for secret in ("Canary", CLEO, "xoxb", "Call Ann"):
        assert secret not in caplog.text + told


def test_an_answer_goes_to_slack_and_nowhere_else(
    workspace: SlackWorkspace, slack: FarSlack, caplog: pytest.LogCaptureFixture
) -> None:
    with far_slack() as elsewhere:
        for url in (f"http://127.0.0.1:{elsewhere.port}/actions/1", "file:///etc/hostname", "", "https://[broken"):
            workspace.answer(url, "x")
        assert elsewhere.answers == []
    assert caplog.text.count("an answer was not given") == 4
    workspace.answer(f"http://127.0.0.1:{slack.port}/actions/1", "<!channel> & you")
    assert slack.said == ["&lt;!channel&gt; &amp; you"]


def test_an_answer_that_is_lost_is_no_fault(workspace: SlackWorkspace, slack: FarSlack) -> None:
    slack.deaf = True
    workspace.answer(f"http://127.0.0.1:{slack.port}/actions/1", "x")
    assert slack.said == []


# Lookup


def test_what_arrived_is_found_by_its_metadata(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    slack.mood = at("chat.postMessage", "accept-and-break")
    outgoing = make_parcel()
    assert sent(workspace, outgoing).state == "unknown"
    assert workspace.find(outgoing.key) == f"DU0001/{slack.messages[0].ts}"
    assert workspace.find(make_parcel("006A:stall:1.7:slack:005C").key) is None


def test_it_is_found_in_a_thread_and_in_the_channel_that_stood_in(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    parent = sent(workspace, make_parcel()).provider_id
    reply = make_parcel("006A:stall:1.2:slack:005C", thread_ts=parent)
    sent(workspace, reply)
    assert workspace.find(reply.key) == f"DU0001/{slack.messages[1].ts}"
    stray = make_parcel("006A:stall:1.3:slack:005X", channel="new@vendor.example")
    sent(workspace, stray)
    slack.person("Newly", "new@vendor.example")
    assert workspace.find(stray.key) == f"{MANAGERS}/{slack.messages[2].ts}", "Slack knows them only since"


def test_it_is_found_behind_many_pages(workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel) -> None:
    outgoing = make_parcel(channel=MANAGERS)
    sent(workspace, outgoing)
    for number in range(50):
        sent(workspace, make_parcel(f"006B:stall:{number}.1:slack:channel", channel=MANAGERS))
    slack.page = 15
    assert workspace.find(outgoing.key) == f"{MANAGERS}/{slack.messages[0].ts}"
    assert slack.count("conversations.history") == 4
    slack.page = 1
    with pytest.raises(Unreachable, match="cannot be looked through"):
        workspace.find(outgoing.key)


@pytest.mark.parametrize(("scope", "channel"), [("im:history", CLEO), ("channels:history", MANAGERS)])
def test_without_leave_to_look_the_doubt_stays(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, scope: str, channel: str
) -> None:
    slack.scopes.discard(scope)
    outgoing = make_parcel(channel=channel)
    with pytest.raises(Unreachable, match=rf"missing_scope \(needed: {scope}\)"):
        workspace.find(outgoing.key)


@pytest.mark.parametrize("word", ["break", "page 502", "busy 60", "error invalid_auth"])
def test_no_answer_is_not_taken_for_no(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, word: str
) -> None:
    slack.mood = at("conversations.history", word)
    with pytest.raises(Unreachable):
        workspace.find(make_parcel().key)


def test_a_channel_by_name_cannot_be_looked_into_before_something_was_posted_there(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel
) -> None:
    with pytest.raises(Unreachable, match="by a channel's id only"):
        workspace.find(make_parcel(channel="#managers").key)


def test_slack_is_not_asked_while_it_may_still_be_at_work(
    choice: SlackChat, slack: FarSlack, make_parcel: MakeParcel, kept: dict[str, Any]
) -> None:
    workspace = SlackWorkspace(choice, kept.get, settles=600)
    slack.mood = at("chat.postMessage", "break")
    outgoing = make_parcel()
    assert sent(workspace, outgoing).state == "unknown"
    with pytest.raises(Unreachable, match="still be at work"):
        workspace.find(outgoing.key)
    assert SlackWorkspace(choice, kept.get).find(outgoing.key) is None, "another process begins after the lease is over"


def test_of_what_nothing_is_kept_nothing_is_said(workspace: SlackWorkspace) -> None:
    with pytest.raises(Unreachable, match="effects sent"):
        workspace.find("006A:stall:9.9:slack:005C")


def test_buttons_leave_with_the_message(workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel) -> None:
    forms = (FormKind.SNOOZE, FormKind.RESOLVE, FormKind.HAND_OVER, FormKind.HOLD, FormKind.GOAL)
    buttons = Buttons(episode="006A:1", doable=(("006A:kickoff_held", "Kickoff held", "Kickoff"),), forms=forms)
    sent(workspace, make_parcel(post=Post(headline="Acme", buttons=buttons)))
    (row,) = [block for block in slack.messages[0].body["blocks"] if block["type"] == "actions"]
    assert [one["action_id"] for one in row["elements"]] == [
        f"first90.{word}" for word in ("ack", "why", "form.snooze", "form.resolve", "form.hand_over", "more", "done")
    ]
    assert [option["value"] for option in row["elements"][5]["options"]] == ["006A::hold", "006A::goal"]
    assert row["elements"][6]["option_groups"][0]["label"]["text"] == "Kickoff"


def test_the_token_never_shows(choice: SlackChat) -> None:
    shown = repr(choice) + repr(SlackWorkspace(choice, {}.get).client.__dict__)
    assert "xoxb-far" not in shown
    assert choice.token == SecretStr("xoxb-far-side")


def test_an_unreadable_file_of_authorities_is_a_setting_to_mend_and_no_doubt(
    workspace: SlackWorkspace, make_parcel: MakeParcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/authorities.pem")
    outcome = sent(workspace, make_parcel())
    assert (outcome.state, outcome.channel_down) == ("transient", True)
    assert "REQUESTS_CA_BUNDLE" in (outcome.error or "")


def test_what_is_under_way_when_slack_asks_for_time_is_not_posted(
    workspace: SlackWorkspace, slack: FarSlack, make_parcel: MakeParcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message is refused in one thread while another thread looks up its recipient."""
    slack.mood = at("chat.postMessage", "busy 600")
    direct, refused = workspace.people.direct, []

    def meanwhile(address: str) -> str:
        found = direct(address)
        other = make_parcel("006B:stall:1.1:slack:channel", channel=MANAGERS)
        thread = threading.Thread(target=lambda: refused.append(sent(workspace, other)))
        thread.start()
        thread.join(10)
        return found

    monkeypatch.setattr(workspace.people, "direct", meanwhile)
    outcome = sent(workspace, make_parcel())
    assert (refused[0].retry_after, refused[0].rest) == (600, True)
    assert (outcome.state, outcome.retry_after) == ("transient", 600)
    assert slack.count("chat.postMessage") == 1
    monkeypatch.undo()
    assert sent(workspace, make_parcel()).state == "sent", "what begins later is the ledger's to hold back"
