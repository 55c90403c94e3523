"""Tells the managers once a week which topics several customers ask support about."""

from datetime import datetime

from sqlalchemy import Connection

from database.events.tickets import tickets_since
from onboarding.facts.ticket_topics import WEEK, WEEKS, TicketTopic, shared_topics
from onboarding.messages.notes import note
from onboarding.messages.posts import Post
from onboarding.model.effect import PlannedEffect

KIND = "ticket_topics"
MOST_LINES = 10


def note_key(as_of: datetime) -> str:
    """Return the key of the note of this week."""
    return note(KIND, _week(as_of), Post(headline=""), "", as_of).key


def topic_note(conn: Connection, as_of: datetime) -> PlannedEffect | None:
    """Return the note of this week; None where no topic is shared. The same week gives the same key."""
    topics = shared_topics(tickets_since(conn, as_of - WEEKS * WEEK), as_of)
    if not topics:
        return None
    because = f"{len(topics)} topics of support tickets are shared by several customers"
    return note(KIND, _week(as_of), topics_post(topics), because, as_of)


def topics_post(topics: tuple[TicketTopic, ...]) -> Post:
    """Return the message: a line a topic with its customers and its tickets by week."""
    return Post(
        headline="What several customers asked support about in the last four weeks",
        lines=tuple(map(_line, topics[:MOST_LINES])),
        footer="A topic that comes back is a gap in training or documents: write the page, or add it to a session.",
    )


def _line(topic: TicketTopic) -> str:
    mood = f", mood {topic.mood}" if topic.mood else ""
    weeks = ", ".join(map(str, topic.weeks))
    return f"{topic.name}: {topic.customers} customers, {topic.tickets} tickets (by week {weeks}){mood}"


def _week(as_of: datetime) -> str:
    year, week, _ = as_of.isocalendar()
    return f"{year}-W{week:02}"
