"""Prefect automations that tell operators what first90 itself cannot tell, because its runs fail, hang or never start,
and that end runs whose process is gone.

The Prefect server tells, in Slack and by mail, so neither a worker nor first90's database need be there. A fault that
lasts is told once, again at most once a day, and when it is over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect.client.schemas.objects import StateType
from prefect.events import Posture
from prefect.events.actions import ActionTypes, ChangeFlowRunState, DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVER = timedelta(days=365)
"""How long Prefect waits for what follows an event: for a failure after a run that ended well, for a run that ends well
after a failure."""
SILENCE = timedelta(minutes=10)
"""A run shows that it lives when it begins and every three minutes (PREFECT_FLOWS_HEARTBEAT_FREQUENCY). Our choice."""
LONGEST_RUN = timedelta(minutes=45)
"""A sweep ends within some fifteen minutes even where every channel hangs. Our choice."""

_OF_FIRST90 = {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.first90"}
_FAILED = {"Failed", "Crashed", "TimedOut"}
_ENDED = {"Completed", "Failed", "Crashed", "TimedOut", "Cancelling", "Cancelled"}
_WORKER_CAME = "prefect.deployment.ready"
"""The event of a worker that begins to ask for runs: where no run has ended well yet, a fault begins with it."""
_LIVES = "prefect.flow-run.heartbeat"
_EACH_FLOW = {"related:flow:prefect.resource.id"}
_PAGE = "{% if flow_run|ui_url %}{{ flow_run|ui_url }} {% else %}Its page in Prefect {% endif %}shows its log."


@dataclass(frozen=True, slots=True)
class Told:
    """One automation: its name on the server, what triggers it, and what people read (a Jinja template)."""

    name: str
    description: str
    trigger: EventTrigger
    text: str = ""
    """Empty where nobody is told."""
    does: tuple[ActionTypes, ...] = ()
    """What the server does besides."""
    is_mailed: bool = False
    """Whether first90 itself mails it to ops, once (``tasks.review.ops_notes``): the server tells it in Slack alone."""


NO_SWEEP = "first90: no sweep for an hour"
DEAD_RUN = "first90: a run is dead"


def automations(sweep: UUID, flows: Sequence[UUID], id_of: Callable[[str], UUID]) -> Iterator[Told]:
    """Yield all automations: ``sweep`` is the flow that must run at least once an hour, ``flows`` are all of first90.

    ``id_of`` returns the id of one that was yielded before, by its name.
    """
    of_ours: dict[str, str | list[str]] = {
        "prefect.resource.role": "flow",
        "prefect.resource.id": sorted(f"prefect.flow.{one}" for one in flows),
    }
    yield from _runs(of_ours)
    yield from _no_sweep(sweep, id_of)
    yield from _deliveries()


def _runs(of_ours: Mapping[str, str | list[str]]) -> Iterator[Told]:
    yield Told(
        "first90: a run failed",
        "A flow run of first90 failed, crashed or took too long, after one of that flow that ended well.",
        EventTrigger(
            after=_states({"Completed"}) | {_WORKER_CAME},
            expect=_states(_FAILED),
            match_related=of_ours,
            for_each=_EACH_FLOW,
            posture=Posture.Reactive,
            within=EVER,
        ),
        "first90: the run {{ flow_run.name }} is {{ flow_run.state.name }}: {{ flow_run.state.message }}. "
        f"{_PAGE} The next one makes up for it. You are told when a run ends well again, and once a day until then.",
    )
    yield Told(
        "first90: a flow fails for a day",
        "A flow of first90 whose run failed has had none that ended well for a day.",
        EventTrigger(
            after=_states(_FAILED),
            expect=_states({"Completed"}),
            match_related=of_ours,
            for_each=_EACH_FLOW,
            posture=Posture.Proactive,
            within=DAY,
        ),
        "first90: the flow {{ flow.name }} has not ended well for a day, since the run {{ flow_run.name }} failed. "
        f"{_PAGE}",
    )
    yield Told(
        "first90: a flow works again",
        "A flow run of first90 ended well, the first one after one that failed.",
        EventTrigger(
            after=_states(_FAILED),
            expect=_states({"Completed"}),
            match_related=of_ours,
            for_each=_EACH_FLOW,
            posture=Posture.Reactive,
            within=EVER,
        ),
        "first90: the flow {{ flow.name }} works again: the run {{ flow_run.name }} ended well.",
    )
    yield Told(
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
    )
    yield Told(
        DEAD_RUN,
        "A flow run of first90 has shown no sign of life for 10 minutes: its process or machine is gone. It is marked "
        "as crashed. No flow of first90 pauses or suspends a run, which would look the same.",
        EventTrigger(
            after={"prefect.flow-run.Running", _LIVES},
            expect=_states(_ENDED | {"Paused", "Suspended"}) | {_LIVES},
            match_related=_OF_FIRST90,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            within=SILENCE,
        ),
        does=(ChangeFlowRunState(state=StateType.CRASHED, message="No sign of life for 10 minutes: it was killed."),),
    )


def _no_sweep(sweep: UUID, id_of: Callable[[str], UUID]) -> Iterator[Told]:
    of_sweep = {"prefect.resource.role": "flow", "prefect.resource.id": f"prefect.flow.{sweep}"}
    what_to_do = (
        "Is a worker of the pool first90 running? `first90 check` on its machine tells what is wrong. You are told "
        "when a sweep ends well again, and once a day until then."
    )
    yield Told(
        NO_SWEEP,
        "No sweep of first90 has ended well for an hour: no worker, no server, or every sweep fails.",
        EventTrigger(
            after=_states({"Completed"}) | {_WORKER_CAME},
            expect=_states({"Completed"}),
            match_related=of_sweep,
            for_each=_EACH_FLOW,  # without, Prefect begins anew by itself each hour
            posture=Posture.Proactive,
            within=HOUR,
        ),
        f"first90: no sweep has ended well for an hour. {what_to_do}",
    )
    yield Told(
        "first90: no sweep for a day",
        "No sweep of first90 has ended well for a day.",
        EventTrigger(expect=_states({"Completed"}), match_related=of_sweep, posture=Posture.Proactive, within=DAY),
        f"first90: no sweep has ended well for a day. {what_to_do}",
    )
    yield Told(
        "first90: sweeps work again",
        "A sweep of first90 ended well, the first one after an hour without.",
        EventTrigger(
            after={"prefect.automation.triggered"},
            expect=_states({"Completed"}),
            match={"prefect.resource.id": [f"prefect.automation.{id_of(NO_SWEEP)}", "prefect.flow-run.*"]},
            match_related={"prefect.resource.id": [f"prefect.flow.{sweep}", "prefect.event.*"]},
            posture=Posture.Reactive,
            within=EVER,
        ),
        "first90: sweeps work again: {{ flow_run.name }} ended well.",
    )


def _deliveries() -> Iterator[Told]:
    """These two first90 tells itself as well, once for each new cause, and when a channel works again."""
    yield Told(
        "first90: a message waits for a person",
        "A mail, Slack message or CRM row could not be delivered, or may have been.",
        _reacts_to("first90.effect.dead", "first90.effect.unknown", for_each=set()),
        "first90: a message waits for a person: {{ event.resource.id }}, {{ event.payload.error }}. "
        "`first90 effects --state dead` and `--state unknown` list them all.",
        is_mailed=True,
    )
    yield Told(
        "first90: a channel is down",
        "Mail, Slack or CRM failed five times in a row, or only a person can mend it.",
        _reacts_to("first90.channel.down", for_each={"prefect.resource.id"}),
        "first90: {{ event.resource.id }} is down: {{ event.payload.error }}. What is due waits and is not lost.",
        is_mailed=True,
    )


def as_automation(told: Told, actions: Sequence[ActionTypes]) -> AutomationCore:
    """Return the automation as the server takes it, with what it does and the ``actions`` that tell; without any it is
    only seen on Prefect's pages."""
    return AutomationCore(
        name=told.name,
        description=told.description,
        tags=["first90"],
        trigger=told.trigger,
        actions=[*told.does, *actions] or [DoNothing()],
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


def _reacts_to(*events: str, for_each: set[str]) -> EventTrigger:
    return EventTrigger(expect=set(events), for_each=for_each, posture=Posture.Reactive, within=DAY)


def _states(names: set[str]) -> set[str]:
    return {f"prefect.flow-run.{name}" for name in names}
