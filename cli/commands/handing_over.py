"""What passes on when an onboarding ends: the account plan of a customer, and the lessons of all of them."""

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, AsOf, Key, Unusable, moment
from cli.printing import print_document, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from database.onboardings.facts import LessonLine


def account_plan(key: Key, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """What the next owner has to know: people, goals, promises, use, where to go next, what is open, lessons.

    Example: [bold]first90 account-plan "Acme Corp" > acme.md[/bold]
    """
    from cli.pages.picture import take_picture
    from onboarding.account_plan.markdown import as_markdown, sections
    from onboarding.account_plan.plan import account_plan as plan_of

    seen = take_picture(key, as_of)
    plan = plan_of(seen.case, seen.review)
    if as_json:
        print_json({"account": plan.account, "as_of": seen.now, "sections": dict(sections(plan))})
    else:
        print_document(as_markdown(plan))


def lessons(
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="DAY", parser=moment, help="Only those since then.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write them as Markdown.")] = None,
    as_json: AsJson = False,
) -> None:
    """What onboardings taught, by stage, for whoever edits the playbooks; `record KEY lesson` adds one.

    Example: [bold]first90 lessons --out lessons.md[/bold]
    """
    from cli.opening import reading
    from database.onboardings.facts import lesson_lines

    with reading() as conn:
        found = lesson_lines(conn, since)
    if out is not None:
        try:
            out.write_text("\n".join(_markdown(found)) + "\n", encoding="utf-8")
        except OSError as error:
            raise Unusable(f"{out} cannot be written: {error.strerror}; name another file with --out") from None
    if as_json:
        print_json(found)
    elif out is not None:
        print_lines([f"{len(found)} lessons: {out}"])
    else:
        print_document("\n".join(_markdown(found)))


def _markdown(lines: "Sequence[LessonLine]") -> "Iterator[str]":
    from onboarding.model.phrases import day_words, stage_words
    from onboarding.model.vocabulary import Stage

    yield "# Lessons of our onboardings"
    if not lines:
        yield from ("", "None is recorded yet: first90 record KEY lesson TEXT --stage STAGE")
    order = ["", *(stage.value for stage in Stage)]
    for stage, told in groupby(sorted(lines, key=lambda line: order.index(line.stage)), key=lambda line: line.stage):
        yield from ("", f"## {stage_words(Stage(stage)) if stage else 'All of it'}", "")
        for line in told:
            tier = f", {line.tier}" if line.tier else ""
            yield f"- {' '.join(line.text.split())} ({line.account}{tier}, {day_words(line.at)}, {line.by})"
