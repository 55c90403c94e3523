"""A draft in Slack: shown to its owner as the mail it will be, with approve, edit and discard."""

import os
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.playbook_library.library import BUNDLED
from database.channels import stops
from integrations.mail.message import EFFECT_HEADER
from onboarding.model.vocabulary import Channel
from onboarding.orders import FactReport
from tasks.commands import fact_entry
from tasks.commands.drafts import edit_draft, list_drafts
from tests.integrations.slack.far_slack import Message, far_slack
from tests.integrations.slack.picture import draw, hold_to
from tests.tasks.conftest import Office, moment
from tests.tasks.slack.conftest import CLEO, MAX, Floor, on_slack

RUN, PRESSED, NEXT = "2026-03-02T10:00", "2026-03-02T10:30", "2026-03-02T11:00"
TOO_LATE = "2026-03-20T10:00"


@pytest.fixture
def drafting(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    """Return a new customer whose welcome is a draft, of which Cleo was told."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED, folder)
    for path in folder.glob("*.yaml"):
        said = path.read_text("utf-8").replace("  - name: welcome\n", "  - name: welcome\n    mode: draft\n")
        path.write_text(said, "utf-8")
    office.setenv("FIRST90_PLAYBOOKS", str(folder))
    with far_slack() as slack:
        on_slack(office, slack)
        found = Floor(office, slack)
        office.customer()
        office.run(RUN)
        yield found
        office.shut()


def shown(floor: Floor) -> Message:
    return next(one for one in floor.slack.inbox(CLEO) if ":draft:" in one.key)


@pytest.mark.slow
def test_the_owner_sees_the_mail_it_will_be_and_approves_it_once(drafting: Floor) -> None:
    message = deepcopy(shown(drafting))
    assert "your draft" in message.text
    assert "a draft that waits for its owner until" in message.text
    assert "UTC" not in message.text
    assert "Hello" in message.text
    assert "welcome" not in drafting.office.sent_kinds
    said = drafting.press("approve", of=message, on=PRESSED)
    assert "leaves with the next run" in said
    assert "waits for nobody any more: it is planned" in drafting.press("approve", of=message, on=PRESSED)
    drafting.office.run(NEXT)
    drafting.office.run("2026-03-02T12:00")
    assert drafting.office.sent_kinds.count("welcome") == 1
    (line,) = drafting.journal("draft")
    assert (line["by"], line["because"]) == (CLEO, "approved")


@pytest.mark.slow
def test_what_cannot_leave_any_more_is_not_approved(drafting: Floor) -> None:
    """The next run would cancel it, and whoever approved it would believe that it left."""
    message = shown(drafting)
    said = drafting.press("approve", of=message, on=TOO_LATE)
    assert said.startswith("Nothing was changed: this draft cannot leave any more: too late: "), said
    view = drafting.ask("form.draft", of=message, on=PRESSED)
    drafting.send(view, subject="Hi", text="Mine", then="send", on=TOO_LATE)
    assert (view.title, drafting.journal("draft")) == ("Nothing was changed", [])
    assert "cannot leave any more" in view.text
    assert "will not be sent" in drafting.press("discard", of=message, on=TOO_LATE)


def test_the_pictures_show_what_is_sent(drafting: Floor) -> None:
    hold_to("draft", draw(shown(drafting).body["blocks"]))
    view = drafting.ask("form.draft", of=shown(drafting), on=PRESSED)
    hold_to("form-draft", draw(view.body["blocks"], view.title, view.body["submit"]["text"]))


@pytest.mark.slow
def test_an_edited_draft_leaves_with_the_words_of_its_owner(drafting: Floor) -> None:
    view = drafting.ask("form.draft", of=shown(drafting), on=PRESSED)
    assert "Hello" in view.text
    assert list(drafting.send(view, subject="Hi", text=" ", then="send", on=PRESSED)) == ["text"]
    assert drafting.send(view, subject="Hi", text="My own words.\nCleo", then="send", on=PRESSED) == {}
    assert view.title == "Done", view.text
    drafting.office.run(NEXT)
    (mail,) = [mail for mail in drafting.office.mails if mail["Subject"] == "Hi"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().startswith("My own words.\nCleo\n\n--\n")
    assert [line["because"] for line in drafting.journal("draft")] == ["edited", "approved"]


@pytest.mark.slow
def test_an_edited_draft_may_wait_and_be_discarded(drafting: Floor) -> None:
    view = drafting.ask("form.draft", of=shown(drafting), on=PRESSED)
    assert drafting.send(view, subject="Hi", text="Mine", then="wait", on=PRESSED) == {}
    drafting.office.run(NEXT)
    assert "welcome" not in drafting.office.sent_kinds
    assert "will not be sent" in drafting.press("discard", of=shown(drafting), on=NEXT)
    drafting.office.run("2026-03-02T12:00")
    assert "welcome" not in drafting.office.sent_kinds


def drafts_posted(floor: Floor) -> list[Message]:
    return [one for one in floor.slack.inbox(CLEO) if ":draft:" in one.key]


@pytest.mark.slow
def test_the_message_of_a_draft_shows_the_words_that_it_was_given(drafting: Floor) -> None:
    first = shown(drafting)
    view = drafting.ask("form.draft", of=first, on=PRESSED)
    drafting.send(view, subject="Hi", text="My own words", then="wait", on=PRESSED)
    (edited,) = drafts_posted(drafting)
    assert (edited.ts, edited.edits) == (first.ts, 1), "the same message, without a second one"
    assert "My own words" in edited.text
    assert "first90.approve" in edited.text
    drafting.office.run(NEXT)
    assert shown(drafting).edits == 1, "nothing is edited that shows what holds"
    report = FactReport(by=MAX, now=moment("2026-03-02T11:30"))
    with drafting.office.context() as context:
        edit_draft(context, report, welcome_of(drafting), "Ho", "The words of Max")
    drafting.office.run("2026-03-02T12:00")
    (again,) = drafts_posted(drafting)
    assert (again.ts, again.edits) == (first.ts, 2)
    assert "The words of Max" in again.text
    assert "leaves with the next run" in drafting.press("approve", of=again, on="2026-03-02T12:00"), "they were seen"


@pytest.mark.slow
def test_the_message_of_a_draft_that_is_decided_says_by_whom_and_offers_no_decision(drafting: Floor) -> None:
    drafting.press("discard", of=shown(drafting), on=PRESSED)
    drafting.office.run(NEXT)
    (message,) = drafts_posted(drafting)
    assert f"Discarded by {CLEO}" in message.text
    assert "first90.approve" not in message.text
    assert "first90.form.draft" not in message.text
    assert message.edits == 1


def body_of(floor: Floor) -> list[str]:
    """Return the lines of the welcome as it was sent, without its closing ones."""
    (mail,) = [mail for mail in floor.office.mails if "welcome" in str(mail[EFFECT_HEADER])]
    text = mail.get_body(("plain",))
    assert text is not None
    return [line for line in text.get_content().rpartition("\n--\n")[0].splitlines() if line.strip()]


@pytest.mark.slow
def test_the_message_of_a_draft_that_left_shows_what_left(drafting: Floor) -> None:
    drafting.press("approve", of=shown(drafting), on=PRESSED)
    with drafting.office.context() as context, context.database.writing() as conn:
        stops.stop(conn, Channel.SLACK, reason="tired", by=MAX, at=moment(PRESSED))
    drafting.office.run(NEXT)
    sent = body_of(drafting)
    assert any("I am Cleo Csm" in line for line in sent)
    drafting.office.change("005-0002", Name="Clea Since")
    with drafting.office.context() as context, context.database.writing() as conn:
        stops.start(conn, Channel.SLACK, by=MAX, at=moment(NEXT))
    drafting.office.run("2026-03-02T12:00")
    (message,) = drafts_posted(drafting)
    assert f"Approved by {CLEO}; it was sent on Mon 2 Mar, 11:00" in message.text
    assert "Clea" not in message.text
    lines = re.split(r"\\n|\"", message.text)
    assert [line for line in sent if line not in lines] == []
    edits = message.edits
    drafting.office.run("2026-03-02T13:00")
    drafting.office.run("2026-03-05T10:00")
    assert drafts_posted(drafting)[0].edits == edits, "once"


def welcome_of(floor: Floor) -> str:
    with floor.office.context() as context:
        (draft,) = list_drafts(context, moment(NEXT))
    return draft.id


@pytest.mark.slow
def test_a_form_of_a_draft_that_was_changed_meanwhile_says_so(drafting: Floor) -> None:
    view = drafting.ask("form.draft", of=shown(drafting), on=PRESSED)
    drafting.press("approve", of=shown(drafting), on=PRESSED)
    drafting.send(view, subject="Hi", text="Mine", then="send", on=PRESSED)
    assert view.title == "Nothing was changed"


@pytest.mark.slow
def test_words_that_another_person_wrote_since_are_not_approved_unseen(drafting: Floor) -> None:
    message = deepcopy(shown(drafting))
    view = drafting.ask("form.draft", of=message, by=MAX, on=PRESSED)
    assert drafting.send(view, subject="Hi", text="The words of Max", then="wait", on=PRESSED) == {}
    said = drafting.press("approve", of=message, on=PRESSED)
    assert said == f"Nothing was changed: its words were changed by {MAX} since; look at them again with Edit…."
    drafting.office.run(NEXT)
    assert "welcome" not in drafting.office.sent_kinds
    assert "The words of Max" in drafting.ask("form.draft", of=message, on=NEXT).text
    assert "leaves with the next run" in drafting.press("approve", of=message, by=MAX, on=NEXT), "Max wrote them"


@pytest.mark.slow
def test_a_message_of_an_earlier_version_still_approves(drafting: Floor) -> None:
    message = shown(drafting)
    old = deepcopy(message.body)
    (button,) = [
        one for block in old["blocks"] for one in block.get("elements", ()) if one.get("action_id") == "first90.approve"
    ]
    assert button["value"].count("|") == 1
    button["value"] = button["value"].partition("|")[0]
    assert "leaves with the next run" in drafting.press("approve", of=replace(message, body=old), on=PRESSED)


@pytest.mark.slow
def test_the_words_of_an_owner_and_their_approval_are_stored_together_or_not_at_all(
    drafting: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = drafting.ask("form.draft", of=shown(drafting), on=PRESSED)
    filled = drafting.slack.submit(view, subject="Hi", text="Mine", then="send")
    whole, seen = fact_entry.enter, []

    def breaks_at_the_second(*given: Any) -> Any:
        seen.append(given)
        if len(seen) == 2:
            raise OSError("the power went")
        return whole(*given)

    monkeypatch.setattr(fact_entry, "enter", breaks_at_the_second)
    drafting.receive(filled, PRESSED)
    assert (view.title, drafting.journal("draft")) == ("That did not work", [])
    drafting.receive(filled, PRESSED)
    assert view.title == "Done", view.text
    assert [line["because"] for line in drafting.journal("draft")] == ["edited", "approved"]
