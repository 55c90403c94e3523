"""What several customers ask support about: a topic that comes back is a gap in the material (CO-7)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.model.state import Ticket

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
    weeks: tuple[int, ...]
    """Tickets by week, the latest last."""
    sentiment: float | None
    """The mean of the tickets of which it is known."""

    @property
    def tickets(self) -> int:
        """Return the number of its tickets."""
        return sum(self.weeks)


def shared_topics(tickets: Iterable[tuple[str, Ticket]], now: datetime) -> tuple[TicketTopic, ...]:
    """Return the topics that at least three customers had in the last four weeks, the most customers first.

    ``tickets`` come with their account. Topics are the same regardless of case and blanks; a ticket counts once.
    """
    found: defaultdict[str, dict[tuple[str, str], Ticket]] = defaultdict(dict)
    for account, ticket in tickets:
        if now - WEEKS * WEEK < ticket.at <= now:
            found[" ".join(ticket.topic.casefold().split())][account, ticket.id] = ticket
    topics = []
    for name, mine in found.items():
        customers = len({account for account, _ in mine})
        if name and customers >= CUSTOMERS:
            ages = [(now - ticket.at) // WEEK for ticket in mine.values()]
            known = [ticket.sentiment for ticket in mine.values() if ticket.sentiment is not None]
            weeks = tuple(ages.count(age) for age in reversed(range(WEEKS)))
            mood = sum(known) / len(known) if known else None
            topics.append(TicketTopic(name=name, customers=customers, weeks=weeks, sentiment=mood))
    return tuple(sorted(topics, key=lambda topic: (-topic.customers, -topic.tickets, topic.name)))
