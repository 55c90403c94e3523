"""What matters to a person is recorded in Slack, by a form that says what is known already."""

import pytest

from tests.integrations.slack.block_rules import options_in
from tests.tasks.slack.conftest import CLEO, Floor


@pytest.mark.slow
def test_it_is_kept_and_not_asked_again(floor: Floor) -> None:
    view = floor.ask_for("profile")
    assert "Person 1: not known yet: concerns and pain points" in view.text, "the handoff says the rest"
    (person,) = [one["value"] for one in options_in(view.fields["person"])]
    late = floor.ask_for("profile")
    assert list(floor.send(view, person=person, item="concerns", text="tbd")) == ["text"]
    assert floor.send(view, person=person, item="concerns", text="The data migration") == {}
    assert "Kept, concerns of Person 1: The data migration" in view.text
    (line,) = floor.journal("profile")
    assert (line["about"], line["by"]) == ("concerns", CLEO)
    assert "migration" not in line["because"]
    floor.send(late, person=person, item="concerns", text="Another")
    assert late.title == "Nothing was changed"
    again = floor.ask_for("profile").text
    assert "Person 1: concerns: “The data migration”; not known yet: pain points" in again


def test_where_a_person_stands_is_recorded(floor: Floor) -> None:
    view = floor.ask_for("buy_in")
    (person,) = [one["value"] for one in options_in(view.fields["person"])]
    assert list(floor.send(view, person=person, stands="opposed", why="-")) == ["why"]
    assert floor.send(view, person=person, stands="opposed", why="No budget") == {}
    assert "Kept, buy-in of Person 1: opposed" in view.text
    (line,) = floor.journal("buy_in")
    assert (line["about"], line["by"], "budget" in line["because"]) == ("opposed", CLEO, False)
    assert "Person 1: buy-in: opposed" in floor.ask_for("buy_in").text
