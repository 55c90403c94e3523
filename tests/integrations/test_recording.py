"""Recording senders: everything is accepted and kept, nothing is sent."""

from pathlib import Path

from config.company.mapping import load_mapping
from integrations.csv_crm.folder import CsvFolder
from integrations.ports import Crm, OutgoingMessage, Sender
from integrations.recording import Recording, RecordingCrm


def test_everything_is_accepted_once_and_kept_in_order() -> None:
    sender: Sender = Recording()
    messages = [OutgoingMessage(key=key, payload={"text": key}) for key in ("b", "a", "b")]
    assert [outcome.provider_id for outcome in sender.send(messages)] == [
        "recorded-1",
        "recorded-2",
        "recorded-1",
    ]
    assert isinstance(sender, Recording)
    assert [outgoing.key for outgoing in sender.messages] == ["b", "a"]
    assert (sender.find("a"), sender.find("c")) == ("recorded-2", None)


def test_a_recording_crm_reads_the_real_one_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "Account.csv").write_text("Id,Name\n001-1,Acme\n", "utf-8")
    (tmp_path / "Opportunity.csv").write_text("Id,AccountId,Name,CloseDate\n", "utf-8")
    (tmp_path / "Contact.csv").write_text("Id,AccountId,Email\n", "utf-8")
    (tmp_path / "OpportunityContactRole.csv").write_text("OpportunityId,ContactId,Role\n", "utf-8")
    (tmp_path / "User.csv").write_text("Id,Email\n", "utf-8")
    exported = sorted(path.name for path in tmp_path.iterdir())
    crm: Crm = RecordingCrm(CsvFolder(tmp_path, load_mapping()))
    assert [account.name for account in crm.read(None).accounts] == ["Acme"]
    payload = {"object": "Onboarding__c", "key": "006-1", "fields": {"Stage__c": "setup"}}
    assert crm.send([OutgoingMessage(key="e", payload=payload)])[0].state == "sent"
    assert sorted(path.name for path in tmp_path.iterdir()) == exported
