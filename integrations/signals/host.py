"""Calls a function that yields product usage, in a process of its own: ``python -P -m integrations.signals.host``.

The arguments are ``package.module:function`` and the moment since when (ISO 8601), or nothing for the beginning. Each
event is written as a line of JSON, and after the last one a line that says so; what the function itself prints goes to
standard error. Whatever the function does (raise, hang, end the process) ends here.
"""

import json
import os
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from importlib import import_module
from typing import IO, Any

from integrations.signals.event import SignalEvent

DONE = b"\0done\n"
"""The last line if the function yielded all; no line of JSON begins so. Without it the process ended before."""
FAILED = b"\0failed "
"""Begins the last line if the function failed."""
MOST_WORDS = 1000
"""Characters of a failure that are written. This project's choice."""


def main(arguments: list[str]) -> int:
    """Write the events; return 0, or 1 after a line that says why there are no more."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        try:
            _write(arguments[0], datetime.fromisoformat(arguments[1]) if arguments[1:] else None, out)
            out.write(DONE)
        except BaseException as error:
            words = _in_words(error, arguments[0]).replace("\0", " ")[:MOST_WORDS]
            out.write(FAILED + words.encode("utf-8", "replace"))
            return 1
    return 0


def _write(function: str, since: datetime | None, out: IO[bytes]) -> None:
    module, _, name = function.partition(":")
    found: Iterable[Any] = getattr(import_module(module), name)(since)
    for event in found:
        given = asdict(event) if isinstance(event, SignalEvent) else event
        try:
            line = json.dumps(given, default=_as_text)
        except (TypeError, ValueError, RecursionError):
            line = "null"
        out.write(line.encode() + b"\n")


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _in_words(error: BaseException, function: str) -> str:
    if isinstance(error, ModuleNotFoundError) and function.startswith(error.name or " "):
        return f"there is no module {error.name}; install it beside first90, or name its folder in PYTHONPATH"
    return f"{type(error).__name__}: {error}"


def _end_with_parent() -> None:
    """End this process once the one that started it is gone, as its pipe then ends."""
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
