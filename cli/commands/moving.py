"""Commands that take the whole database to another place: export to one file, and import into an empty database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, By, Unusable
from cli.printing import plain, print_json, print_lines, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from config.settings.load import Settings
    from database.import_file import Imported

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the export.", show_default=False)]

BEFORE_MOVING = (
    "To move to another database, stop first (`first90 stop`), export, and import there: what leaves here after the "
    "export would leave there once more."
)
NOTHING_LEAVES = (
    "Nothing leaves until `first90 start`: {} may still send, and both would send the same. Start here when it is "
    "stopped for good. A copy for trying things needs FIRST90_MAIL_REDIRECT, or no real mail and Slack."
)


def export(file: File, as_json: AsJson = False) -> None:
    """Write everything to one file: a backup, or the way to another database.

    Example: [bold]first90 export /backup/first90-monday.gz[/bold]
    """
    from config.settings.load import load_settings
    from database.engine import connect
    from database.export_file import export_database

    database = connect(load_settings().database_url)
    try:
        rows = export_database(database, file, datetime.now(UTC), _told)
    except OSError as error:
        raise Unusable(f"{file} cannot be written: {error.strerror or error}; give another file") from None
    finally:
        database.close()
    if as_json:
        print_json({"file": str(file), "rows": rows})
        return
    print_lines([f"{file} holds {_summary(rows)}. It holds personal data: keep it as you keep the database."])
    print_lines([BEFORE_MOVING])


def import_(file: File, by: By, as_json: AsJson = False) -> None:
    """Fill an empty database from an exported file, also one of an older version or the other kind of database.

    Example: [bold]FIRST90_DATABASE_URL=postgresql+psycopg://first90@db/first90 first90 import monday.gz[/bold]
    """
    from config.settings.load import load_settings
    from database.channels import stops
    from database.engine import connect
    from database.import_file import import_database
    from database.statements import write_journal

    settings = load_settings()
    database = connect(settings.database_url)
    now = datetime.now(UTC)
    real = _real(settings)

    def finish(conn: "Connection", imported: "Imported") -> None:
        write_journal(conn, [(None, "import", str(file), f"exported from {imported.made_from}")], at=now, by=by)
        if real:
            stops.stop(conn, None, reason=f"imported from {imported.made_from}, which may still send", by=by, at=now)

    try:
        imported = import_database(database, file, _told, finish)
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror or error}; name the file of an export") from None
    finally:
        database.close()
    if as_json:
        print_json({"file": str(file), "stopped": real} | plain(imported))
        return
    print_lines(
        [f"{database.place} holds {_summary(imported.rows)}, as exported on {imported.made_at:%Y-%m-%d %H:%M}Z."]
    )
    if real:
        print_lines([NOTHING_LEAVES.format(imported.made_from)])


def _real(settings: "Settings") -> bool:
    """Return whether messages could reach people. CRM rows are written by key: two installations write the same."""
    from config.settings.channels import FileChat
    from config.settings.mail_senders import MaildirMail

    return not (isinstance(settings.mail, MaildirMail) and isinstance(settings.chat, FileChat))


def _summary(rows: "Mapping[str, int]") -> str:
    named = (("onboarding", "onboardings"), ("fact", "facts"), ("effect", "effects"), ("journal", "journal lines"))
    return f"{sum(rows.values())} rows: " + ", ".join(f"{rows[table]} {words}" for table, words in named)


def _told(table: str, rows: int) -> None:
    if rows:
        say(f"{table}: {rows} rows")
