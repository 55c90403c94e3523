"""A conflict of priorities is raised and decided in Slack, by the same orders as on the command line."""

import pytest

from onboarding.clashes.clash import clash_id
from tests.integrations.slack.block_rules import options_in
from tests.tasks.slack.conftest import CLEO, PRESSED, Floor

MIGRATION, AUDIT = "The CRM migration", "The audit in May"


@pytest.mark.slow
def test_the_form_says_that_the_sponsor_gets_a_mail_where_they_do(floor: Floor) -> None:
    floor.office.contact(3, role="Executive Sponsor")
    floor.office.run(PRESSED)
    text = floor.ask_for("conflict").text
    assert "their executive sponsor gets one mail" in text
    assert "sponsor reads it" in text


def test_it_is_raised_and_decided_in_slack(floor: Floor) -> None:
    view = floor.ask_for("conflict")
    assert view.title == "Conflict of priorities"
    assert "no mail asks which goes first" in view.text, "nobody is known as executive sponsor"
    assert "sponsor reads it" not in view.text
    assert list(floor.send(view, **{"this": "tbd", "with": AUDIT})) == ["this"]
    assert list(floor.send(view, **{"this": AUDIT, "with": AUDIT})) == ["with"]
    assert floor.send(view, **{"this": MIGRATION, "with": AUDIT}) == {}
    assert "raised: “The CRM migration” clashes with “The audit in May”." in view.text
    (line,) = floor.journal("conflict")
    assert (line["about"], line["by"]) == (clash_id(MIGRATION, AUDIT), CLEO)
    view, late = floor.ask_for("decision"), floor.ask_for("decision")
    assert [one["text"]["text"] for one in options_in(view.fields["conflict"])] == [
        f"{clash_id(MIGRATION, AUDIT)}: “{MIGRATION}” clashes with “{AUDIT}”"
    ]
    assert list(floor.send(view, decision="-")) == ["decision"]
    assert floor.send(view, decision="Their CFO: the audit first") == {}
    assert "Decided, " in view.text
    assert len(floor.journal("conflict_decided")) == 1
    floor.send(late, decision="The migration first")
    assert late.title == "Nothing was changed"
    assert len(floor.journal("conflict_decided")) == 1


def test_two_with_the_same_long_side_are_told_apart(floor: Floor) -> None:
    long, others = "The migration of all customer records from the old CRM", ("The audit in May & June", "A move " * 8)
    for other in others:
        view = floor.ask_for("conflict")
        assert floor.send(view, **{"this": long, "with": other}) == {}
    view = floor.ask_for("decision")
    told = [one["text"]["text"] for one in options_in(view.fields["conflict"])]
    for words, other in zip(told, others, strict=True):
        assert words.startswith(f"{clash_id(long, other)}: “The migration of all")
        assert len(words) <= 75
        assert "clashes with" in words
        assert f"“{long}” clashes with “{other.strip()}”" in view.text.replace("&amp;", "&"), "in full above the menu"
    assert "“The audit in May" in told[0]
    assert "“A move" in told[1]
