"""Notes on product usage: what could not be read, what is dated ahead, and what was the vendor's own."""

from collections.abc import Iterable
from datetime import datetime

from onboarding.dates.wording import AT_THE_TERMINAL, Audience
from onboarding.model.phrases import day_words
from onboarding.model.usage import Usage
from onboarding.usage.arrival import stopped


def usage_notes(usage: Usage, now: datetime, audience: Audience = AT_THE_TERMINAL) -> Iterable[str]:
    """Yield sentences for ``explain`` and ``show``; none if there is only the customer's own readable usage."""
    if (why := stopped(usage.read_at, usage.heard_at, now)) is not None:
        yield f"{why} Whether this customer was active since then is unknown, so no stall counts it as silent."
    if usage.unread_at is not None:
        yield (
            f"Usage came that could not be read, last on {day_words(usage.unread_at)}: whether the customer was active "
            f"until then is unknown.{audience.hint(' `first90 check` lists what is wrong with it.')}"
        )
    if usage.ours:
        times = sum(use.total for use in usage.ours)
        last = max(use.last_at for use in usage.ours)
        yield (
            f"Our own people used the product {'once' if times == 1 else f'{times} times'}, last on "
            f"{day_words(last)}; that proves nothing of the customer's."
        )
    if usage.ahead_at is not None:
        yield f"Usage dated ahead is kept back until its time, the next at {audience.moment(usage.ahead_at)}."
