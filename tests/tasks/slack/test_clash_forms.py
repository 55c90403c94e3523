"""A conflict of priorities is raised and decided in Slack, by the same orders as on the command line."""

from onboarding.clashes.clash import clash_id
from tests.integrations.slack.block_rules import options_in
from tests.tasks.slack.conftest import CLEO, Floor

MIGRATION, AUDIT = "The CRM migration", "The audit in May"


def test_it_is_raised_and_decided_in_slack(floor: Floor) -> None:
    view = floor.ask_for("conflict")
    assert view.title == "Conflict of priorities"
    assert list(floor.send(view, **{"this": "tbd", "with": AUDIT})) == ["this"]
    assert list(floor.send(view, **{"this": AUDIT, "with": AUDIT})) == ["with"]
    assert floor.send(view, **{"this": MIGRATION, "with": AUDIT}) == {}
    assert "raised: “The CRM migration” clashes with “The audit in May”." in view.text
    (line,) = floor.journal("conflict")
    assert (line["about"], line["by"]) == (clash_id(MIGRATION, AUDIT), CLEO)
    view, late = floor.ask_for("decision"), floor.ask_for("decision")
    assert [one["text"]["text"] for one in options_in(view.fields["conflict"])] == [
        f"“{MIGRATION}” clashes with “{AUDIT}”"
    ]
    assert list(floor.send(view, decision="-")) == ["decision"]
    assert floor.send(view, decision="Their CFO: the audit first") == {}
    assert "Decided, " in view.text
    assert len(floor.journal("conflict_decided")) == 1
    floor.send(late, decision="The migration first")
    assert late.title == "Nothing was changed"
    assert len(floor.journal("conflict_decided")) == 1
