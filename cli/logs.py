"""Logs of a command on standard error: short lines, or JSON objects where FIRST90_LOG asks for them. Tracebacks only
with FIRST90_TRACEBACK."""

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from cli.control_characters import harmless
from config.settings.redaction import without_secrets

TRACEBACK = "FIRST90_TRACEBACK"
OURS = "first90"
"""The logger of what a command says of its own work."""
PROGRESS = "tasks.progress"
"""The logger of how far long work has come: a line every few seconds, which a person who waits sees too."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class Short(logging.Formatter):
    """Formats a record as one line; with a traceback where FIRST90_TRACEBACK is set."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message, followed by the type and text of the error that it carries."""
        if os.environ.get(TRACEBACK):
            return without_secrets(super().format(record))
        error = record.exc_info[1] if record.exc_info else None
        why = f": {type(error).__name__}: {_told(error)}" if error is not None else ""
        return harmless(without_secrets(" ".join(f"first90: {record.getMessage()}{why}".split())))[:500]


class JsonLines(logging.Formatter):
    """Formats a record as a JSON object in one line: ``at`` (UTC), ``level``, ``logger``, ``message``, ``process``,
    ``error`` where it carries one, and what was given as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, without passwords."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "process": record.process,
        }
        if record.exc_info and (error := record.exc_info[1]) is not None:
            said["error"] = {"type": type(error).__name__, "message": without_secrets(_told(error))}
            if os.environ.get(TRACEBACK):
                said["traceback"] = without_secrets(self.formatException(record.exc_info))
        more = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(said | {name: without_secrets(str(value)) for name, value in more.items()})


def _told(error: BaseException) -> str:
    """Return what an error says; of a database's error the first line, because values of rows may follow."""
    said = str(error)
    return said.partition("\n")[0] if type(error).__module__.partition(".")[0] in ("sqlalchemy", "psycopg") else said


def write_logs(*, as_json: bool) -> None:
    """Send logs to standard error. Call it before Prefect is imported, which then leaves the configuration."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else Short("first90: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger(PROGRESS).setLevel(logging.INFO)
    if as_json:
        logging.getLogger(OURS).setLevel(logging.INFO)


def said_as_json(text: str, level: int = logging.INFO) -> bool:
    """Log what a command says, and return True, where its logs are JSON: then standard error holds nothing else."""
    if not any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger().handlers):
        return False
    logging.getLogger(OURS).log(level, "%s", text)
    return True
