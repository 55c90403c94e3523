"""The messages to operators about messages that could not be delivered, records that could not be read, and onboardings
that need a decision."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from onboarding.messages.posts import Post, at_most
from onboarding.model.crm_records import Problem
from onboarding.sentences.sentence import pattern, sentence

UNDELIVERED = "undelivered"
FEW = 3
"""How many messages of one cause have a line each. This project's choice."""
MOST_LINES = 20
"""Lines of each kind, as a longer Slack message would not be read. This project's choice."""


def undelivered_post(
    channels: Sequence[tuple[str, str]],
    effects: Sequence[tuple[str, str, str]],
    held: Sequence[tuple[str, int, str]] = (),
    back: Sequence[str] = (),
) -> Post:
    """Return the message about channels that are down (name, cause), effects that wait for a person (id, state, cause),
    refusals that may need one although they are retried (channel, number, cause), and channels that work again. Each is
    reported once."""
    parts = [f"{' and '.join(back)} work{'s' if len(back) == 1 else ''} again"] if back else []
    if channels:
        parts.append(f"{' and '.join(name for name, _ in channels)} cannot be sent")
    if effects:
        parts.append("1 message waits for you" if len(effects) == 1 else f"{len(effects)} messages wait for you")
    if held:
        parts.append("1 cause may need you" if len(held) == 1 else f"{len(held)} causes may need you")
    shown = list(_by_cause(effects))
    more = len(shown) - MOST_LINES
    return Post(
        headline="; ".join(parts),
        lines=(
            *(f"{name} works again. What was due meanwhile leaves by itself." for name in back),
            *(
                f"{name}: {cause}. It is tried again by itself, and nothing is lost meanwhile."
                for name, cause in channels
            ),
            *(f"{name}, {count} waiting: {cause}. Tried again by itself." for name, count, cause in held[:MOST_LINES]),
            *shown[:MOST_LINES],
            *((f"and {more} more",) if more > 0 else ()),
        ),
        footer=""
        if len(parts) == 1 and back
        else "Mend the cause, then: first90 effects retry ID. What did arrive: first90 effects sent ID. All of one "
        'cause at once: --state STATE --error "part of the cause" --reason REASON --yes in place of ID.',
    )


def set_aside_post(problems: Iterable[Problem]) -> Post:
    """Return the message to operators about records that could not be read. Each is read again once it is fixed."""
    ordered = sorted(problems, key=lambda problem: (problem.source, problem.record, problem.field))
    shown = [
        f"{source}, {record}: " + "; ".join(": ".join(filter(None, (one.field, one.problem))) for one in group)
        for (source, record), group in groupby(ordered, key=lambda problem: (problem.source, problem.record))
    ]
    records = "1 record" if len(shown) == 1 else f"{len(shown)} records"
    return Post(
        headline=f"{records} could not be read and {'was' if len(shown) == 1 else 'were'} set aside",
        lines=at_most(shown),
        footer="Each is read again once it is corrected in its source; until then nothing is decided or sent from it.",
    )


def waiting_post(waiting: Iterable[tuple[str, str]]) -> Post:
    """Return the message about onboardings that need a decision, each as (account name, reason and commands)."""
    shown = [pattern("{name}: {because}", name=name, because=because) for name, because in waiting]
    return Post(
        headline=sentence("notes.waiting", count=len(shown)),
        lines=at_most(shown),
        footer=sentence("notes.waiting_footer"),
    )


def _by_cause(effects: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield a line an effect; one for all that wait for the same cause, where they are many."""
    for (state, cause), number in Counter((state, cause) for _, state, cause in effects).items():
        keys = [key for key, *why in effects if why == [state, cause]]
        if number > FEW:
            yield f"{number} messages ({state}), the first {keys[0]}: {cause}"
        else:
            yield from (f"{key} ({state}): {cause}" for key in keys)
