"""What a sender and its results mean: what is done in doubt, the CRM rows that were written, and a run's report."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from config.settings.readings import MailInDoubt
from database import key_values
from database.crm.written_rows import WrittenRow
from integrations.ports import Guarantee
from onboarding.effects.events import DoubtPolicy
from onboarding.effects.payloads import read_row
from onboarding.effects.send_result import ResultState
from onboarding.model.vocabulary import Channel, EffectState
from tasks.delivery.send_pool import Sent
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport, Failure, OnboardingEvent


@dataclass
class Tally:
    """The counts and problems of one channel in one run, for its report."""

    counts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    """How many effects wait for another try, by why."""
    down: Failure | None = None
    """Why the run shut the channel; None where it did not."""
    _aside: defaultdict[EffectState, list[Failure]] = field(default_factory=lambda: defaultdict(list))

    def set_aside(self, keys: Iterable[str], state: EffectState, error: str) -> None:
        """Report effects that wait for a person from now on."""
        self._aside[state] += [Failure(where=key, error=error) for key in keys]

    def count(self, word: str, times: int) -> None:
        """Add ``times`` to the report's count of ``word``."""
        self.counts[word] += times

    def report(self, channel: Channel, happened: tuple[OnboardingEvent, ...]) -> DeliveryReport:
        """Return the counts and problems of the run."""
        return DeliveryReport(
            channel=channel,
            sent=self.counts["sent"],
            failed=self.counts["transient"] + self.counts["permanent"],
            unknown=self.counts["unknown"],
            moved=self.counts["moved"],
            dead=tuple(self._aside[EffectState.DEAD]),
            doubtful=tuple(self._aside[EffectState.UNKNOWN]),
            held_up=tuple(Failure(where=f"{channel}: {n}", error=why) for why, n in self.causes.most_common()),
            happened=happened,
            down=self.down,
        )


@contextmanager
def own_milestones(context: RunContext, channel: Channel) -> Iterator[None]:
    """Move the cursor of milestone rows past those that the run inside writes, unless others changed one too.

    Their values are stored with their results, so a read of them would find nothing. What a run that failed wrote is
    read: its results may not be stored.
    """
    if channel is not Channel.CRM:
        yield
        return
    context.crm.own_milestones()
    yield
    if moved := context.crm.own_milestones():
        with context.database.writing() as conn:
            key_values.move(conn, key_values.MILESTONES, moved.before, moved.after)


def doubt_of(context: RunContext, channel: Channel) -> DoubtPolicy:
    """Return what is done in doubt: a keyed channel drops a repeat, a lookup channel can be asked; for a plain one the
    operator chooses."""
    guarantee = context.sender(channel).guarantee
    if guarantee == Guarantee.KEYED:
        return DoubtPolicy.REPEAT
    if guarantee == Guarantee.LOOKUP:
        return DoubtPolicy.ASK
    resend = context.settings.mail_in_doubt is MailInDoubt.RESEND and channel is Channel.MAIL
    return DoubtPolicy.REPEAT if resend else DoubtPolicy.PARK


def rows_written(pairs: Iterable[Sent]) -> list[WrittenRow]:
    """Return the rows that a CRM took, to be remembered in the transaction that records their results."""
    written = ((one.effect, read_row(one.payload)) for one, result in pairs if result.state is ResultState.SENT)
    return [
        WrittenRow(
            key=row.key,
            onboarding_key=effect.onboarding_key or "",
            values={name: value for name, value in row.fields.items() if value is not None},
        )
        for effect, row in written
    ]
