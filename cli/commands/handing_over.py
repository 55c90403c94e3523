"""What passes on between our people: the account plan of a customer, and the promises and lessons of all of them."""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, AsOf, Key, Unusable, moment
from cli.printing import counted, print_document, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from database.onboardings.facts import LessonLine
    from tasks.views.promises import PromiseLine


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


def promises(
    seller: Annotated[
        str | None, typer.Option("--seller", metavar="EMAIL", help="Only what this seller sold.", show_default=False)
    ] = None,
    by_seller: Annotated[bool, typer.Option("--by-seller", help="Only a line a seller, with counts.")] = False,
    as_json: AsJson = False,
) -> None:
    """What customers were promised, by seller: open ones first, what is overdue, what was kept and what was broken.

    Example: [bold]first90 promises --seller sam@example.com[/bold]
    """
    from cli.opening import reading
    from cli.tables import print_table, table
    from onboarding.model.identity import one_spelling
    from tasks.runtime.clock import present_in
    from tasks.views.promises import promise_lines

    with reading() as conn:
        found = promise_lines(conn, present_in(conn, datetime.now(UTC)))
    mine = [one for one in found if seller is None or one_spelling(one.seller) == one_spelling(seller)]
    if as_json:
        print_json(_counts(mine) if by_seller else mine)
    elif not mine:
        print_lines(["No promise is on record: first90 record KEY promise TEXT --due DAY"])
    elif by_seller:
        counts = _counts(mine)
        print_table(table("", tuple(counts[0]), [tuple(one.values()) for one in counts], seller=1))
    else:
        rows = [
            (one.seller, one.account, one.text, one.due, "overdue" if one.overdue else one.state, one.id)
            for one in mine
        ]
        headings = ("seller", "account", "promise", "due", "state", "id")
        print_table(table("", headings, rows, seller=2, account=2, promise=3))


def _counts(lines: "Sequence[PromiseLine]") -> list[dict[str, object]]:
    """Return how many promises each seller made, and what became of them."""
    from onboarding.model.vocabulary import PromiseState

    return [
        {"seller": seller, "promises": len(mine)}
        | {state.value: sum(one.state is state for one in mine) for state in PromiseState}
        | {"overdue": sum(one.overdue for one in mine)}
        for seller, mine in ((name, list(told)) for name, told in groupby(lines, key=lambda one: one.seller))
    ]


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
            out.write_text("\n".join(_markdown(found, since)) + "\n", encoding="utf-8")
        except OSError as error:
            raise Unusable(f"{out} cannot be written: {error.strerror}; name another file with --out") from None
    if as_json:
        print_json(found)
    elif out is not None:
        print_lines([f"{counted(len(found), 'lesson')}: {out}"])
    else:
        print_document("\n".join(_markdown(found, since)))


def _markdown(lines: "Sequence[LessonLine]", since: datetime | None = None) -> "Iterator[str]":
    from onboarding.model.phrases import day_words, stage_words
    from onboarding.model.vocabulary import Stage

    yield "# Lessons of our onboardings"
    if not lines and since is not None:
        yield from ("", f"None was recorded since {day_words(since)}; without --since all are listed")
    elif not lines:
        yield from ("", "None is recorded yet: first90 record KEY lesson TEXT --stage STAGE")
    order = ["", *(stage.value for stage in Stage)]
    for stage, told in groupby(sorted(lines, key=lambda line: order.index(line.stage)), key=lambda line: line.stage):
        yield from ("", f"## {stage_words(Stage(stage)) if stage else 'All of it'}", "")
        for line in told:
            tier = f", {line.tier}" if line.tier else ""
            yield f"- {' '.join(line.text.split())} ({line.account}{tier}, {day_words(line.at)}, {line.by})"
