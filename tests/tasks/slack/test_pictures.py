"""The pictures of docs/slack.md are drawn from the blocks that are really sent: one of each kind of message.

``DRAW_PICTURES=1`` writes them anew; without it, a picture that shows something else than is sent fails.
"""

from collections.abc import Iterator

import pytest

from tasks.slack.home import handle_event
from tests.integrations.slack.far_slack import Message, View
from tests.integrations.slack.picture import draw, hold_to
from tests.tasks.conftest import moment
from tests.tasks.slack.conftest import CLEO, PRESSED, Floor


def kinds(floor: Floor) -> Iterator[tuple[str, str]]:
    """Yield the name and the picture of each kind of message, in the order of one customer's life."""
    yield "stall", of(floor.stall)
    for name, kind in (("form-call", "call"), ("form-goal", "goal"), ("form-hold", "hold")):
        yield name, modal(floor.ask_for(kind))
    view = floor.ask_for("goal")
    floor.receive(floor.slack.submit(view, metric="tickets a week", baseline="40", target="10", unit="tickets"))
    yield "form-done", modal(view)
    with floor.office.context() as context:
        handle_event(context, floor.slack.home_opened(floor.people[CLEO]), moment(PRESSED))
    yield "home", draw(floor.slack.homes[floor.people[CLEO]].body["blocks"])
    floor.send(floor.ask_for("resolve"), reason="Booked by phone", on="2026-03-05T11:30")
    yield "over", of(floor.stall)
    floor.office.run("2026-03-17T10:00")
    yield "digest", of(next(one for one in floor.slack.inbox(CLEO) if one.key.startswith("digest:")))
    floor.office.run("2026-06-02T10:00")
    review = next(one for one in floor.slack.inbox(CLEO) if ":risk_review:" in one.key)
    yield "risk-review", of(review)
    yield "form-renewal", modal(floor.ask("form.renewal", of=review, on="2026-06-02T11:00"))


def of(message: Message) -> str:
    return draw(message.body["blocks"])


def modal(view: View) -> str:
    return draw(view.body["blocks"], view.title, (view.body.get("submit") or {"text": ""})["text"])


@pytest.mark.slow
def test_the_pictures_show_what_is_sent(floor: Floor) -> None:
    for name, picture in kinds(floor):
        hold_to(name, picture)
