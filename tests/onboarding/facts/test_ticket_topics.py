"""A topic of three customers in four weeks is a gap in the material; one customer's many tickets are not."""

from datetime import timedelta

from onboarding.facts.ticket_topics import WEEK, TicketTopic, shared_topics, topics
from onboarding.model.state import Ticket
from tests.builders.case import SIGNED

NOW = SIGNED + timedelta(days=60)


def ticket(number: int, topic: str, days_ago: float, sentiment: float | None = None) -> Ticket:
    return Ticket(f"T-{number}", topic, NOW - timedelta(days=days_ago), sentiment)


def test_a_topic_is_shared_from_three_customers_on_and_counted_by_week() -> None:
    told = [
        ("a", ticket(1, "Data  import", 1, -1)),
        ("b", ticket(2, "data import", 8, 0)),
        ("c", ticket(3, "DATA IMPORT", 20)),
        ("c", ticket(4, "data import", 2)),
        ("a", ticket(5, "sso", 1)),
        ("b", ticket(6, "sso", 1)),
    ]
    (found,) = shared_topics(told, NOW)
    assert found == TicketTopic(name="data import", customers=3, weeks=(0, 1, 1, 2), sentiment=-0.5)
    assert found.tickets == 4


def test_one_customers_many_tickets_are_no_gap_and_a_repeat_counts_once() -> None:
    assert shared_topics([("a", ticket(number, "import", 1)) for number in range(9)], NOW) == ()
    told = [(account, ticket(1, "import", 1)) for account in "abc"]
    assert shared_topics(told * 2, NOW)[0].tickets == 3


def test_what_is_older_than_four_weeks_or_lies_ahead_does_not_count() -> None:
    told = [("a", ticket(1, "import", 1)), ("b", ticket(2, "import", 1)), ("c", ticket(3, "import", 28))]
    assert shared_topics(told, NOW) == ()
    assert shared_topics([*told, ("d", ticket(4, "import", -1))], NOW) == ()
    assert shared_topics([*told, ("d", ticket(4, "import", 27.9))], NOW)[0].weeks == (1, 0, 0, 2)
    assert shared_topics(told, NOW - WEEK) == ()


def test_all_topics_of_a_customer_are_told_with_what_came_earlier_and_only_shared_ones_are_a_gap() -> None:
    told = [("a", ticket(1, "import", 40, 1)), ("a", ticket(2, "Import", 3, -0.5)), ("a", ticket(3, "", 50))]
    found = topics(told, NOW)
    assert [(one.name, one.weeks, one.mood, one.earlier, one.is_gap) for one in found] == [
        ("import", (0, 0, 0, 1), "-0.5", 1, False),
        ("", (0, 0, 0, 0), "", 1, False),
    ]
    assert [one.is_gap for one in topics([(account, ticket(1, "import", 1)) for account in "abc"], NOW)] == [True]
    assert [one.is_gap for one in topics([(account, ticket(1, "", 1)) for account in "abc"], NOW)] == [False]
