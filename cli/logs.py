"""Logs of a command: short lines on standard error, whole tracebacks only where somebody asks for them."""

import logging
import os

from cli.control_characters import harmless
from config.settings.secret import without_secrets

TRACEBACK = "FIRST90_TRACEBACK"


class Short(logging.Formatter):
    """One line a record; a traceback is for whoever sets FIRST90_TRACEBACK."""

    def format(self, record: logging.LogRecord) -> str:
        """The message in our own words, the error it carries as its last line."""
        if os.environ.get(TRACEBACK):
            return without_secrets(super().format(record))
        error = record.exc_info[1] if record.exc_info else None
        why = f": {type(error).__name__}: {error}" if error is not None else ""
        return harmless(without_secrets(" ".join(f"first90: {record.getMessage()}{why}".split())))[:500]


def log_shortly() -> None:
    """Send what is logged to standard error. Called before Prefect is read, which then leaves it as it is."""
    handler = logging.StreamHandler()
    handler.setFormatter(Short("first90: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
