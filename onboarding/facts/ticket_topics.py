"""What several customers ask support about: a topic that comes back is a gap in the material (CO-7)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from onboarding.model.state import Ticket
from onboarding.values import dataclass

WEEK = timedelta(days=7)
WEEKS = 4
"""How far back topics are compared; this project's choice."""
CUSTOMERS = 3
"""From how many customers on a topic is a gap in the material and not one customer's question; our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTopic:
    """One topic of support tickets over the last four weeks."""

    name: str
    customers: int
    """That had it in these weeks."""
    weeks: tuple[int, ...]
    """Tickets by week, the latest last."""
    sentiment: float | None
    """The mean of these weeks' tickets of which it is known."""
    earlier: int = 0
    """Tickets from before these weeks."""

    @property
    def tickets(self) -> int:
        """Return the number of its tickets in these weeks."""
        return sum(self.weeks)

    @property
    def is_gap(self) -> bool:
        """Return whether so many customers had it that the material lacks something."""
        return bool(self.name) and self.customers >= CUSTOMERS

    @property
    def mood(self) -> str:
        """Return the sentiment as people read it, such as ``-0.5``; empty where none is known."""
        return "" if self.sentiment is None else f"{self.sentiment:+.1f}"


def topics(tickets: Iterable[tuple[str, Ticket]], now: datetime) -> tuple[TicketTopic, ...]:
    """Return the topics of the tickets opened by ``now`` (UTC), those of the most customers first.

    ``tickets`` come with their account. Topics are the same regardless of case and blanks; a ticket counts once.
    """
    found: defaultdict[str, dict[tuple[str, str], Ticket]] = defaultdict(dict)
    for account, ticket in tickets:
        if ticket.at <= now:
            found[" ".join(ticket.topic.casefold().split())][account, ticket.id] = ticket
    made = [_topic(name, mine, now) for name, mine in found.items()]
    return tuple(sorted(made, key=lambda topic: (-topic.customers, -topic.tickets, -topic.earlier, topic.name)))


def shared_topics(tickets: Iterable[tuple[str, Ticket]], now: datetime) -> tuple[TicketTopic, ...]:
    """Return the topics that at least three customers had in the last four weeks, as ``topics``."""
    return tuple(topic for topic in topics(tickets, now) if topic.is_gap)


def _topic(name: str, mine: Mapping[tuple[str, str], Ticket], now: datetime) -> TicketTopic:
    recent = {key: ticket for key, ticket in mine.items() if now - ticket.at < WEEKS * WEEK}
    ages = [(now - ticket.at) // WEEK for ticket in recent.values()]
    known = [ticket.sentiment for ticket in recent.values() if ticket.sentiment is not None]
    return TicketTopic(
        name=name,
        customers=len({account for account, _ in recent}),
        weeks=tuple(ages.count(age) for age in reversed(range(WEEKS))),
        sentiment=sum(known) / len(known) if known else None,
        earlier=len(mine) - len(recent),
    )
