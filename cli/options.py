"""Arguments and options that several commands share, and the parsing of moments."""

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from onboarding.dates.limits import OUT_OF_YEARS, in_years

if TYPE_CHECKING:
    from config.playbook_library.library import PlaybookLibrary
    from onboarding.model.vocabulary import Tier

Word = TypeVar("Word", bound=StrEnum)


class Unusable(Exception):
    """An input cannot be used as given. The message names it and the mend; nothing was changed."""


def moment(text: str) -> datetime:
    """Return an ISO 8601 moment in UTC: ``2026-03-02`` (its start in UTC), ``2026-03-02T09:00Z``. Raises
    BadParameter."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment in time; write 2026-03-02 or 2026-03-02T09:00Z") from None
    if not in_years(found):
        raise typer.BadParameter(f"{text!r} is {OUT_OF_YEARS}; correct the year")
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def one_of(kind: type[Word], text: str | None, what: str) -> Word | None:
    """Return the enum member for a text; None for None. Raises BadParameter, which lists the allowed texts."""
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(word.value for word in kind)
        raise typer.BadParameter(f"{text!r} is no {what}; use one of {known}") from None


def tier_of(text: str | None, library: "PlaybookLibrary") -> "Tier | None":
    """Return the tier of this name; None for None. Raises BadParameter, which says what may have been meant."""
    try:
        return None if text is None else library.tier_named(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def system_user() -> str:
    """Return the operating system's user name, the default of ``--by``."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


Key = Annotated[str, typer.Argument(metavar="KEY", help="Account id, deal id, or account name.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, alone, on standard output.")]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="EMAIL",
        default_factory=system_user,
        show_default="who is logged in",
        help="Who does it; kept in the journal.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the journal.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        parser=moment,
        show_default="the moment it starts",
        help="The now of it: 2026-03-02 or 2026-03-02T09:00Z.",
    ),
]
At = Annotated[
    datetime | None,
    typer.Option("--at", metavar="TIME", parser=moment, show_default="now", help="When it happened."),
]
