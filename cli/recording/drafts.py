"""``first90 drafts``: the mails that wait for their owner: list, show, approve, edit, discard."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.lazy import DefaultsToList
from cli.options import AsJson, By, Reason, Unusable
from cli.printing import counted, print_json, print_lines
from cli.tables import when

if TYPE_CHECKING:
    from tasks.commands.drafts import DraftMail

app = typer.Typer(
    cls=DefaultsToList,
    add_completion=False,
    help="Mails that wait for their owner, because their step says `mode: draft`. Without a subcommand they are "
    "listed.\n\nExample: [bold]first90 drafts approve ID --by jo@example.com[/bold]",
)
Id = Annotated[str, typer.Argument(metavar="ID", help="A draft as `first90 drafts` lists it.", show_default=False)]


@app.command("list")
def list_drafts(as_json: AsJson = False) -> None:
    """List the drafts that wait, those due first.

    Example: [bold]first90 drafts --json[/bold]
    """
    from cli.opening import run_context
    from tasks.commands import drafts
    from tasks.runtime.clock import present

    with run_context() as context:
        found = drafts.list_drafts(context, present(context))
    if as_json:
        print_json([one.as_json() for one in found])
        return
    for one in found:
        print_lines(_heading(one))
        print_lines([""])
    print_lines([counted(len(found), "draft")])


@app.command()
def show(draft: Id, as_json: AsJson = False) -> None:
    """Show a draft as the mail that it will be.

    Example: [bold]first90 drafts show ID[/bold]
    """
    from cli.opening import run_context
    from tasks.commands import drafts
    from tasks.runtime.clock import present

    with run_context() as context:
        found = drafts.find_draft(context, draft, present(context))
    if as_json:
        print_json(found.as_json())
        return
    print_lines([*_heading(found), "", f"Subject: {found.subject}", "", *found.text.splitlines()])


@app.command()
def approve(draft: Id, by: By) -> None:
    """Let a draft leave with the next run, as it is or as it was edited.

    Example: [bold]first90 drafts approve ID --by jo@example.com[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import drafts

    with reported(by, None) as (context, report):
        tell(drafts.approve_draft(context, report, draft))


@app.command()
def edit(
    draft: Id,
    by: By,
    subject: Annotated[str | None, typer.Option("--subject", metavar="TEXT", help="Another subject.")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Another text.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="PATH", help="The text from a file; - reads standard input.")
    ] = None,
) -> None:
    """Give a draft other words, which are kept exactly; it still waits to be approved.

    Without options the text is opened in your editor.

    Example: [bold]first90 drafts edit ID --subject "Welcome, Ana" --file mail.txt --by jo@example.com[/bold]
    """
    from cli.commands.orders import reported, tell
    from tasks.commands import drafts

    if text is not None and file is not None:
        raise Unusable("give the text or a file, not both")
    said = _read(file) if file is not None else text
    with reported(by, None) as (context, report):
        found = drafts.find_draft(context, draft, report.now)
        if said is None and subject is None:
            said = _edited(found.body)
        words = found.body if said is None else said
        tell(drafts.edit_draft(context, report, draft, found.subject if subject is None else subject, words))


@app.command()
def discard(draft: Id, by: By, reason: Reason = "") -> None:
    """Give a draft up; it is never sent.

    Example: [bold]first90 drafts discard ID --reason "we spoke on the phone"[/bold]
    """
    from dataclasses import replace

    from cli.commands.orders import reported, tell
    from tasks.commands import drafts

    with reported(by, None) as (context, report):
        tell(drafts.discard_draft(context, replace(report, reason=reason), draft))


def _edited(text: str) -> str:
    """Return the text as it was changed in the person's editor. Raises Unusable where nothing was changed."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor or not sys.stdin.isatty():
        raise Unusable("say what is to be changed: --subject, --text or --file (or set EDITOR)")
    with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as page:
        page.write(text)
        page.flush()
        subprocess.run([*shlex.split(editor), page.name], check=False)
        said = Path(page.name).read_text(encoding="utf-8").strip()
    if not said or said == text:
        raise Unusable("nothing was changed in the editor")
    return said


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} cannot be read: {error}") from None


def _heading(one: "DraftMail") -> list[str]:
    then = {"send": "is sent as it is", "drop": "is given up", "task": "is left to its owner to write"}[one.then]
    if one.decision:
        waits = f"{one.decision}; it leaves with the next run"
    else:
        waits = f"waits until {when(one.useful_until)}, then it {then}" if one.useful_until else one.because
    edited = f", edited by {one.edited_by}" if one.edited_by else ""
    return [
        f"{one.account_name}: {one.title}{edited}",
        f"  to {one.to_name} <{one.to}> ({one.role.replace('_', ' ')}), for {one.owner or 'nobody yet'} to decide",
        f"  {waits}",
        f"  {one.id}",
    ]
