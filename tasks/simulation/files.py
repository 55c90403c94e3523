"""The output folder of a simulation: mails, Slack posts, CRM rows, a timeline and a report."""

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.company.mapping import CrmMapping
from integrations.csv_crm.folder import CsvFolder
from integrations.mail.message import build
from integrations.ports import OutgoingMessage
from integrations.slack.file import ChatFile
from onboarding.crm.projection import rows
from onboarding.effects.payloads import RowPayload, read_mail
from onboarding.review_case import Reviewed
from tasks.simulation.outbox import Outbox
from tasks.simulation.report import TITLE, SimulationResult, as_markdown

MAILS, CHAT, CRM, TIMELINE, REPORT = "mails", "slack.jsonl", "crm", "timeline.csv", "report.md"


@contextmanager
def out_folder(out: Path) -> Iterator[Path]:
    """Yield a scratch folder that replaces ``out`` once everything is written; after an error ``out`` is unchanged.

    Raises ValueError where ``out`` holds something that is no earlier simulation.
    """
    if out.exists() and not _replaceable(out):
        raise ValueError(f"{out} holds something else than a simulation; name an empty folder or one that is not there")
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield scratch
        if out.exists():
            shutil.rmtree(out)
        os.rename(scratch, out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_result(
    folder: Path, result: SimulationResult, post: Outbox, seen: Sequence[Reviewed], mapping: CrmMapping
) -> None:
    """Write all files of the simulation."""
    (folder / MAILS).mkdir()
    for number, outgoing in enumerate(post.mails, start=1):
        at = read_mail(outgoing.payload).date
        step = outgoing.key.split(":")[1]
        name = f"{number:04d} {at:%Y-%m-%d %H%M} {step}.eml"
        (folder / MAILS / name).write_bytes(build({**outgoing.payload, "key": outgoing.key}))
    (folder / CRM).mkdir()
    CsvFolder(folder / CRM, mapping).send([row for found in seen for row in _rows(found)])
    _write_timeline(folder / TIMELINE, result)
    ChatFile(folder / CHAT).send(post.posts)
    (folder / CHAT).touch()
    (folder / REPORT).write_text(as_markdown(result), encoding="utf-8")
    for lock in folder.rglob("*.lock"):
        lock.unlink()


def _rows(found: Reviewed) -> Iterator[OutgoingMessage]:
    """Yield the CRM rows of one onboarding as they are at the end."""
    projected = rows(found.case, found.review, found.summary)
    for row in projected.values():
        payload = RowPayload(object=row.object, key=row.key, fields=row.fields)
        yield OutgoingMessage(key=row.key, payload=payload.stored())


def _write_timeline(path: Path, result: SimulationResult) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("at", "channel", "kind", "onboarding", "recipient", "role", "because"))
        for one in result.sent:
            effect = one.effect
            said = (effect.channel.value, effect.kind, one.onboarding, one.recipient, effect.role, effect.because)
            writer.writerow((one.at.isoformat(), *said))


def _replaceable(out: Path) -> bool:
    if not out.is_dir():
        return False
    report = out / REPORT
    return not any(out.iterdir()) or (report.is_file() and report.read_text(encoding="utf-8").startswith(TITLE))
