"""The fields of the Salesforce package hold everything that the rules project."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from config.company.mapping import KEY, load_mapping
from integrations.salesforce.columns import columns_of
from onboarding.crm.projection import CrmRow, rows
from onboarding.health.summary import summarise
from onboarding.model.review import Review
from onboarding.review_case import review_context
from sandbox.schema.describe import describe
from sandbox.schema.fields import load_schema
from sandbox.schema.rights import INTEGRATION, Rights
from sandbox.schema.values import read_json
from tests.builders.case import CASE
from tests.builders.facts import build_done
from tests.builders.playbook import build_playbook

Make = Callable[..., Any]
NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_every_projected_field_is_written_and_taken() -> None:
    schema, mapping = load_schema(), load_mapping()
    rights = Rights(schema, schema.permission_sets[INTEGRATION])
    done = build_done("materials_prepared")
    noted = [replace(fact, by="ü" * 400, value={"note": "why\n" * 200}) for fact in done]
    owners = {key: replace(owner, id=f"005{place:012}") for place, (key, owner) in enumerate(CASE.owners.items())}
    for row in _rows(replace(CASE, facts=noted, owners=owners), build_playbook()):
        sobject = schema.objects[row.object]
        columns = columns_of(mapping.written(row.object), describe(rights, sobject, "")["fields"])
        assert {column.ours for column in columns} | {KEY} >= set(row.fields)
        for column in columns:
            value = column.spell(row.fields.get(column.ours))
            if column.parent is None and value is not None:
                assert read_json(sobject.fields[column.theirs], value) is not None


def _rows(case: Any, playbook: Any) -> list[CrmRow]:
    context = review_context(case, playbook, NOW)
    state, progress = context.state, context.progress
    review = Review(case_key=case.key, version=case.version, state=state, progress=progress, criteria=context.criteria)
    summary = replace(
        summarise(case, review, NOW),
        stalled_since=NOW - timedelta(days=3),
        stall_cause="Setup should have ended. " * 40,
        waiting_on="customer",
        escalation_level=3,
        health=100,
        go_live_at=NOW,
        activated_at=NOW,
        next_touchpoint_at=NOW,
    )
    return list(rows(case, review, summary).values())
