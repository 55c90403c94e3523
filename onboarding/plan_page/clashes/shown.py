"""The conflicts of priorities that a reader of the plan page sees. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from onboarding.clashes.clash import Clash, First, read_clashes
from onboarding.model.vocabulary import LIVE, CustomerRole
from onboarding.plan_page.context import PageContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashView:
    """One conflict: its sides, and since when it is open or what was decided. It names nobody: who raised it is told to
    the vendor's people alone."""

    number: str
    text: str
    told: str
    open: bool
    asks: bool
    """Whether this reader may decide it."""


def clash_views(page: PageContext) -> Iterator[ClashView]:
    """Yield every conflict, the open ones first, then by when they were raised."""
    clashes = read_clashes(page.case.facts, page.now)
    for one in sorted(clashes, key=lambda one: (one.decided_at is not None, one.raised_at, one.number)):
        open_now = one.decided_at is None
        sponsor = CustomerRole.EXECUTIVE_SPONSOR in page.roles and page.review.progress.status in LIVE
        quoted, said = page.language.quoted, page.clash_words
        yield ClashView(
            number=one.number,
            text=said.sides.format(this=quoted(one.this), other=quoted(one.other)),
            told=_told(one, page),
            open=open_now,
            asks=open_now and sponsor,
        )


def _told(clash: Clash, page: PageContext) -> str:
    said, days = page.clash_words, page.days
    if clash.decided_at is None:
        return said.open_since.format(day=days.happened(clash.raised_at))
    first = {First.THIS: clash.this, First.OTHER: clash.other}.get(clash.first)
    goes = said.goes_first.format(title=page.language.quoted(first)) if first else said.another_way
    words = [goes, *([page.language.quoted(clash.decision)] if clash.decision else [])]
    return said.decided_on.format(day=days.happened(clash.decided_at), decision=": ".join(words))
