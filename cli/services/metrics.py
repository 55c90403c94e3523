"""``first90 metrics``: what monitoring sees, for a terminal or for node_exporter's textfile collector."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Unusable

READABLE = 0o644
"""The file's mode: the collector runs as another user, and the metrics hold no personal data."""


def metrics(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Replace this file instead of printing.", show_default=False),
    ] = None,
) -> None:
    """Print the metrics in Prometheus's text format, or write them to a file, as often as you call it.

    Example: [bold]first90 metrics --out /var/lib/node_exporter/first90.prom[/bold] every minute, for machines without
    [bold]first90 web[/bold]
    """
    from cli.opening import existing_database
    from cli.printing import print_document
    from config.settings.load import load_settings
    from database.engine import DatabaseProblem
    from tasks.monitoring.exposition import as_metrics
    from tasks.monitoring.figures import figures_of

    try:
        database = existing_database(load_settings())
    except DatabaseProblem:
        if out is not None:
            _replace(out, as_metrics(None))  # else the file would go on saying that the database answers
        raise
    try:
        made = as_metrics(figures_of(database, datetime.now(UTC)))
    finally:
        database.close()
    if out is None:
        print_document(made.decode())
    else:
        _replace(out, made)


def _replace(out: Path, made: bytes) -> None:
    new = out.with_name(f".{out.name}.{os.getpid()}")  # not *.prom: the collector must not read half a file
    try:
        new.write_bytes(made)
        new.chmod(READABLE)
        new.replace(out)
    except OSError as error:
        raise Unusable(f"{out} cannot be written: {error.strerror}; name a file in a folder that is there") from None
