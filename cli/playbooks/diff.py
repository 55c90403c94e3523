"""``playbook diff``: what changed between two versions of the playbooks."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Unusable
from cli.printing import counted, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tasks.playbooks.versions import Comparison


def diff(
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="HASH|DIR",
            help="The version before, or a folder.",
            show_default="what onboardings in flight run on",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The folder after, or a version.", show_default="the playbooks in use"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What changed between two versions of the playbooks, in words.

    Example: [bold]first90 playbook diff --to playbooks/[/bold]
    """
    found = list(_compared(from_, to))
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    if not found:
        print_lines(["Nothing differs: no onboarding in flight runs on another version, and none was kept before."])
    for number, one in enumerate(found):
        of = f" ({counted(one.onboardings, 'onboarding')} in flight)" if one.onboardings else ""
        told = [f"{one.tier}: {one.old}{of} to {one.new}" if one.tier else "tiers.yaml"]
        told += [f"  {line}" for line in one.differences] or ["  nothing differs"]
        if one.tier and not (one.old and one.new):
            what = f"{one.old}{of} is gone" if one.old else f"{one.new} is new"
            told = [f"{one.tier}: {what}, a tier of one side alone"]
        print_lines([*([""] if number else []), *told])


def _compared(from_: str | None, to: str | None) -> "Iterator[Comparison]":
    from pathlib import Path

    from cli.opening import existing_database
    from config.playbook_library.tiers import read_tier_file
    from config.settings.load import load_settings
    from tasks.playbooks.versions import (
        compare,
        compare_tiers,
        named_versions,
        newest_versions,
        tiers_in_use,
        unpaired,
        unpaired_in_use,
        versions_in_use,
    )

    settings = load_settings()
    place = settings.playbooks if to is None else Path(to)
    whole = place.is_dir()

    def compared(conn: "Connection | None") -> "Iterator[Comparison]":
        new = newest_versions(settings.playbooks) if to is None else named_versions(conn, to)
        if from_ is not None:
            old = named_versions(conn, from_)
            yield from compare(conn, old, new)
            if Path(from_).is_dir() and whole:
                yield from unpaired(old, new)
                yield from compare_tiers(read_tier_file(Path(from_)).rules, read_tier_file(place).rules)
        elif conn is None:
            raise Unusable("there is no database yet, so no version in use; name two folders: --from DIR --to DIR")
        else:
            yield from compare(conn, versions_in_use(conn, new), new)
            if whole:
                yield from unpaired_in_use(conn, new)
                yield from compare_tiers(tiers_in_use(conn, settings.playbooks), read_tier_file(place).rules)

    try:
        database = existing_database(settings)
    except Unusable:
        yield from compared(None)
        return
    try:
        with database.reading() as conn:
            yield from compared(conn)
    finally:
        database.close()


def _as_json(found: "Comparison") -> dict[str, object]:
    changes = [
        {
            "part": one.part,
            "name": one.name,
            "change": one.kind,
            "field": one.field,
            "old": one.old,
            "new": one.new,
            "words": one.words,
        }
        for one in found.differences
    ]
    return {
        "tier": found.tier,
        "from": found.old,
        "to": found.new,
        "onboardings": found.onboardings,
        "changes": changes,
    }
