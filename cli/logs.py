"""Logs of a command: short lines on standard error, tracebacks only with FIRST90_TRACEBACK."""

import logging
import os

from cli.control_characters import harmless
from config.settings.redaction import without_secrets

TRACEBACK = "FIRST90_TRACEBACK"


class Short(logging.Formatter):
    """Formats a record as one line; with a traceback where FIRST90_TRACEBACK is set."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message, followed by the type and text of the error that it carries."""
        if os.environ.get(TRACEBACK):
            return without_secrets(super().format(record))
        error = record.exc_info[1] if record.exc_info else None
        why = f": {type(error).__name__}: {error}" if error is not None else ""
        return harmless(without_secrets(" ".join(f"first90: {record.getMessage()}{why}".split())))[:500]


def log_shortly() -> None:
    """Send logs to standard error. Call it before Prefect is imported, which then leaves the configuration."""
    handler = logging.StreamHandler()
    handler.setFormatter(Short("first90: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
