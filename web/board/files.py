"""The board as files in a folder, which a browser opens without a server."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from database.engine import Database
from database.outbox.payloads import sent_messages
from database.reporting.board import keys
from database.reporting.finished import FinishedOnboardings
from onboarding.board.portfolio import Filter
from onboarding.model.vocabulary import Stage
from tasks.runtime.clock import present_in
from tasks.views.board import stage_board, whole_board
from tasks.views.forecast import with_forecast
from tasks.views.picture import Picture, picture_of, with_history
from web.board.addresses import Files, file_name
from web.board.messages import mail_html, message_view
from web.board.pages import account_page, board_page, message_page, stage_page

LIST = ".first90-board"
"""The file that lists the written files, one a line: the next writing deletes those that are out of date. A file is
listed before it is written, so that a writing that was interrupted leaves none that the next one does not know."""


class NotOurs(Exception):
    """The folder holds files that are not of a board. The message names the mend."""


def write_board(
    database: Database,
    out: Path,
    clock: datetime,
    pilot: frozenset[str] | None,
    progress: Callable[[int, int], None],
    company: str = "",
) -> int:
    """Write the whole board at ``clock`` (UTC) into a folder and return how many accounts it has.

    Files of an earlier board that this one lacks are deleted, so that an erased person is not found there any more.
    ``progress`` gets the number of accounts written and their total, ``company`` stands in the titles. Raises NotOurs
    and OSError.
    """
    before = _written_before(out)
    written: set[str] = set()
    out.mkdir(parents=True, exist_ok=True)
    with database.reading() as conn, (out / LIST).open("a", encoding="utf-8") as listed:

        def write(pages: Iterable[tuple[str, str]]) -> None:
            for name, html in pages:
                listed.write(f"{name}\n")
                listed.flush()
                _write(out / name, html)
                written.add(name)

        now, found, others = present_in(conn, clock), keys(conn), FinishedOnboardings(conn)
        write(_pages(conn, now, company))
        for number, key in enumerate(found, start=1):
            seen = with_history(conn, picture_of(conn, key, clock, pilot=pilot), lines=None)
            seen = with_forecast(conn, seen, others)
            write(_of_account(conn, seen, company))
            progress(number, len(found))
    _write(out / LIST, "".join(f"{name}\n" for name in sorted(written)))
    for name in before - written:
        (out / name).unlink(missing_ok=True)
    return len(found)


def _written_before(out: Path) -> frozenset[str]:
    """Return the files of the board in the folder; none in a new or empty folder. Raises NotOurs."""
    if (out / LIST).is_file():
        names = (out / LIST).read_text(encoding="utf-8").split()
        return frozenset(name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute())
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise NotOurs(f"{out} is no empty folder and holds no board of first90; name another one with --out")
    return frozenset()


def _pages(conn: Connection, now: datetime, company: str) -> Iterator[tuple[str, str]]:
    to = Files("", company)
    yield "index.html", board_page(whole_board(conn, Filter()), to, now)
    for stage in Stage:
        yield to.filtered(Filter(), stage), stage_page(stage_board(conn, Filter(), stage, page=None), to, now)


def _of_account(conn: Connection, seen: Picture, company: str) -> Iterator[tuple[str, str]]:
    key, name, inside = seen.case.key, seen.summary.account_name, Files("../", company)
    yield Files().account(key), account_page(seen, inside)
    for effect, message in sent_messages(conn, key).items():
        html, own = mail_html(message), f"own-{file_name(effect)}"
        view = message_view(message, name, key)
        yield Files().message(key, effect), message_page(view, inside, seen.now, own if html is not None else "")
        if html is not None:
            yield f"messages/{own}", html


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
