"""Prefect automations that tell operators what first90 itself cannot tell, because its runs fail, hang or never start.

The Prefect server tells, in Slack and by mail, so neither a worker nor first90's database need be there. Each tells at
most once an hour for a flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect.events import Posture
from prefect.events.actions import ActionTypes, DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger

HOUR = timedelta(hours=1)
LONGEST_RUN = timedelta(minutes=45)
"""A sweep ends within some fifteen minutes even where every channel hangs. Our choice."""

_OF_FIRST90 = {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.first90"}
_ENDED = {"Completed", "Failed", "Crashed", "TimedOut", "Cancelling", "Cancelled"}
_PAGE = "{% if flow_run|ui_url %}{{ flow_run|ui_url }} {% else %}Its page in Prefect {% endif %}shows its log."


@dataclass(frozen=True, slots=True)
class Told:
    """One automation: its name on the server, what triggers it, and what people read (a Jinja template)."""

    name: str
    description: str
    trigger: EventTrigger
    text: str
    is_mailed: bool = False
    """Whether first90 itself mails it to ops, once (``tasks.review.ops_notes``): the server tells it in Slack alone."""


def automations(sweep: UUID) -> Sequence[Told]:
    """Return all automations; ``sweep`` is the id of the deployment that must run at least once an hour."""
    return (
        Told(
            "first90: a run failed",
            "A flow run of first90 failed, crashed or took too long.",
            _reacts({"Failed", "Crashed", "TimedOut"}),
            "first90: the run {{ flow_run.name }} is {{ flow_run.state.name }}: {{ flow_run.state.message }}. "
            f"{_PAGE} The next sweep makes up for it.",
        ),
        Told(
            "first90: a run hangs",
            "A flow run of first90 has not ended 45 minutes after it began.",
            EventTrigger(
                after={"prefect.flow-run.Running"},
                expect=_states(_ENDED),
                match_related=_OF_FIRST90,
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                within=LONGEST_RUN,
            ),
            f"first90: the run {{{{ flow_run.name }}}} has not ended after 45 minutes. {_PAGE} Cancel it in Prefect if "
            "it hangs: what it holds is released.",
        ),
        Told(
            "first90: no sweep for an hour",
            "No sweep of first90 has ended well for an hour: no worker, no server, or every sweep fails.",
            EventTrigger(
                expect=_states({"Completed"}),
                match_related={
                    "prefect.resource.role": "deployment",
                    "prefect.resource.id": f"prefect.deployment.{sweep}",
                },
                posture=Posture.Proactive,
                within=HOUR,
            ),
            "first90: no sweep has ended well for an hour. Is a worker of the pool first90 running? `first90 check` on "
            "its machine tells what is wrong.",
        ),
        Told(
            "first90: a message waits for a person",
            "A mail, Slack message or CRM row could not be delivered, or may have been.",
            _reacts_to("first90.effect.dead", "first90.effect.unknown", for_each=set()),
            "first90: a message waits for a person: {{ event.resource.id }}, {{ event.payload.error }}. "
            "`first90 effects --state dead` and `--state unknown` list them all.",
            is_mailed=True,
        ),
        Told(
            "first90: a channel is down",
            "Mail, Slack or CRM failed five times in a row, or only a person can mend it.",
            _reacts_to("first90.channel.down", for_each={"prefect.resource.id"}),
            "first90: {{ event.resource.id }} is down: {{ event.payload.error }}. What is due waits and is not lost.",
            is_mailed=True,
        ),
    )


def as_automation(told: Told, actions: Sequence[ActionTypes]) -> AutomationCore:
    """Return the automation as the server takes it; without an action it is only seen on Prefect's pages."""
    return AutomationCore(
        name=told.name,
        description=told.description,
        tags=["first90"],
        trigger=told.trigger,
        actions=list(actions) or [DoNothing()],
    )


def differs(found: AutomationCore, wanted: AutomationCore) -> bool:
    """Return whether the server's automation is another. One that ops switched off stays off."""
    return _compared(found) != _compared(wanted)


def _compared(one: AutomationCore) -> Mapping[str, object]:
    said = one.model_dump(mode="json", include={"description", "trigger", "actions", "tags"})
    trigger = said["trigger"]
    for name in ("after", "expect", "for_each"):
        trigger[name] = sorted(trigger[name])
    return said | {"trigger": {name: value for name, value in trigger.items() if name != "id"}}


def _reacts(states: set[str]) -> EventTrigger:
    return EventTrigger(
        expect=_states(states),
        match_related=_OF_FIRST90,
        for_each={"related:flow:prefect.resource.id"},
        posture=Posture.Reactive,
        within=HOUR,
    )


def _reacts_to(*events: str, for_each: set[str]) -> EventTrigger:
    return EventTrigger(expect=set(events), for_each=for_each, posture=Posture.Reactive, within=HOUR)


def _states(names: set[str]) -> set[str]:
    return {f"prefect.flow-run.{name}" for name in names}
