"""A Maildir as mail transport: one file for each mail, written to ``tmp`` first so that readers see only whole ones."""

import hashlib
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from integrations.locks import Busy, locked, sync_file, sync_folder
from integrations.mail.message import PayloadError, mime
from integrations.mail.parts import read_letter
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult

LOCK = ".first90.lock"


class Maildir:
    """A transport that writes into a Maildir. A file is named after its effect, so a repeat of a message adds nothing,
    even after a mail program has moved the first one to ``cur`` and flagged it.
    """

    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    batch = 200
    slots = 1
    key_life: timedelta | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Deliver the mails; for the payload see ``integrations.mail.message.build``."""
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
            with locked(self._folder / LOCK):
                there, written = self._delivered(), list[str]()
                answers = [self._write(outgoing, there, written) for outgoing in messages]
                self._publish(written)
            return answers
        except Busy as error:
            return [SendResult(state=ResultState.TRANSIENT, error=f"Maildir: {error}")] * len(messages)
        except OSError as error:
            # Mails that did arrive are found by their file name at the next try.
            return [
                SendResult(state=ResultState.TRANSIENT, error=f"Maildir cannot be written: {error.strerror}")
            ] * len(messages)

    def find(self, key: str) -> str | None:
        """Return the file name, without flags, of the mail of this effect; None if there is none."""
        try:
            return self._delivered().get(_name_digest(key))
        except OSError:
            return None

    def _write(self, outgoing: OutgoingMessage, there: dict[str, str], written: list[str]) -> SendResult:
        """Write a mail into ``tmp``, unless it is ``there``; add its name to both."""
        digest = _name_digest(outgoing.key)
        if digest in there:
            return SendResult(state=ResultState.SENT, provider_id=there[digest])
        try:
            letter = read_letter({**outgoing.payload, "key": outgoing.key})
            # A Maildir holds mails with the system's line ends.
            content = mime(letter).replace(b"\r\n", b"\n")
        except PayloadError as error:
            return SendResult(state=ResultState.PERMANENT, error=f"the mail cannot be built: {error}")
        name = f"{int(letter.date.timestamp())}.{digest}.first90"
        (self._folder / "tmp" / name).write_bytes(content)
        written.append(name)
        there[digest] = name
        return SendResult(state=ResultState.SENT, provider_id=name)

    def _publish(self, names: Sequence[str]) -> None:
        """Move mails from ``tmp`` to ``new``, durable across a power failure.

        All are written before the first is synchronised: the file system then writes them together, which takes half of
        the time.
        """
        for name in names:
            sync_file(self._folder / "tmp" / name)
        for name in names:
            os.rename(self._folder / "tmp" / name, self._folder / "new" / name)
        sync_folder(self._folder / "new")

    def _delivered(self) -> dict[str, str]:
        """Return digest to file name. ``new`` is listed first: a mail moved meanwhile is then seen in ``cur``."""
        found = {}
        for part in ("new", "cur"):
            folder = self._folder / part
            for file in os.listdir(folder) if folder.is_dir() else ():
                name = file.partition(":")[0]
                pieces = name.split(".")
                if len(pieces) == 3 and pieces[2] == "first90":
                    found[pieces[1]] = name
        return found


def _name_digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest()[:32]
