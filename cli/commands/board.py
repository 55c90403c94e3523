"""The commands that hand out pages: the board to our own people, the plan page to one of the customer's."""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, By, Key, Unusable

UNSET = "FIRST90_PUBLIC_URL and FIRST90_LINK_SECRET are not set, so `first90 web` serves"


def plan_link(
    key: Key,
    person: Annotated[str, typer.Option("--person", metavar="EMAIL", help="Whose link it is, at the customer.")],
    by: By,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make this person's links useless.")] = False,
    as_json: AsJson = False,
) -> None:
    """The customer's page of the shared plan, by a signed link for one person; mails hold it too.

    Whoever was named on a plan page is confirmed by it, and is a stakeholder from then on.

    Example: [bold]first90 plan-link "Acme Corp" --person ana@acme.example[/bold]
    """
    from cli.commands.orders import reported
    from cli.printing import print_document, print_json, print_lines
    from tasks.plan_page.links import make_link, revoke_links

    with reported(by, None) as (context, report):
        if revoke:
            name = revoke_links(context, report, key, person)
            told = [f"Every link of {name} is revoked; the next mail holds a new one."]
            print_json({"person": name, "email": person, "revoked": True}) if as_json else print_lines(told)
            return
        if context.settings.public_url is None:
            raise Unusable(f"{UNSET} no plan page; set both")
        made = make_link(context, report, key, person)
    if as_json:
        print_json(asdict(made))
        return
    confirmed = [f"{made.person} is confirmed, and a stakeholder from now on."] if made.confirmed else []
    print_lines([*confirmed, f"The plan of {made.account} for {made.person} alone (it needs `first90 web`):"])
    print_document(made.url)


def board(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write it as files here, instead of a link.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="EMAIL", show_default="the system's user", help="Whose link it is.")
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make this person's links useless.")] = False,
    as_json: AsJson = False,
) -> None:
    """All customers by stage, and a page each, for our own people: a link to what `first90 web` serves, or files.

    Example: [bold]first90 board --by maria@example.com[/bold], or [bold]first90 board --out /tmp/board[/bold]
    """
    if out is not None and (revoke or by is not None):
        raise typer.BadParameter("--out writes files for everyone; --by and --revoke are about one person's link")
    if out is not None:
        _write(out, as_json=as_json)
    else:
        _link(by or getpass.getuser(), revoked=revoke, as_json=as_json)


def _write(out: Path, *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from cli.opening import existing_database
    from cli.printing import print_json, print_lines, say
    from config.company.brand import load_brand
    from config.settings.load import load_settings
    from web.board.files import NotOurs, write_board

    def progress(done: int, of: int) -> None:
        if done % 250 == 0:
            say(f"{done} of {of} accounts written")

    settings = load_settings()
    database = existing_database(settings)
    try:
        company = load_brand(settings.brand).name
        count = write_board(database, out, datetime.now(UTC), settings.only_accounts, progress, company)
    except NotOurs as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{out} cannot be written: {error.strerror}; name another folder with --out") from None
    finally:
        database.close()
    page = (out / "index.html").resolve()
    if as_json:
        print_json({"page": str(page), "accounts": count})
    else:
        print_lines([f"{count} accounts: open {page}"])


def _link(reader: str, *, revoked: bool, as_json: bool) -> None:
    from cli.opening import run_context
    from cli.printing import print_document, print_json, print_lines
    from tasks.runtime.clock import present
    from tasks.views.readers import VALID_DAYS, board_url, revoke

    with run_context() as context:
        if revoked:
            known = revoke(context, reader)
            told = f"Every link of {reader} is revoked." if known else f"{reader} has no link."
            print_json({"reader": reader, "revoked": known}) if as_json else print_lines([told])
            return
        url = board_url(context, reader, present(context))
    if not url:
        raise Unusable(f"{UNSET} no board; set both, or write it as files with --out DIR")
    if as_json:
        print_json({"reader": reader, "url": url, "days": VALID_DAYS})
    else:
        print_lines([f"For {reader}, for {VALID_DAYS} days (it needs `first90 web`, and is as good as a login):"])
        print_document(url)
