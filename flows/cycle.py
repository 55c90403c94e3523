"""One whole cycle: the five sweeps in order, as Prefect flow runs, or as plain calls with the same result.

It is imported without Prefect, which is imported when a cycle starts, after its environment is set.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.settings.redaction import without_secrets
from flows.reports import CycleReport, FlowReport
from supervisor.server import prefect_server, without_server
from tasks.commands.named_accounts import accounts_meant
from tasks.runtime.context import RunContext

if TYPE_CHECKING:
    from prefect import Flow

    from flows.options import FlowOptions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """The options of a cycle. ``as_of`` (aware, UTC) is the moment of all its flows."""

    as_of: datetime
    accounts: tuple[str, ...] = ()
    by: str = ""
    reason: str = ""
    plain: bool = False


def run_cycle(context: RunContext, cycle: Cycle, say: Callable[[str], None]) -> CycleReport:
    """Run the sweeps with an open run context; a dry one is always run without Prefect.

    A flow that fails is reported and the others go on; the next cycle does what it left undone. Safe to run twice, as
    its flows are. Raises ServerError where no Prefect server could be started, and Refused for a moment that may not
    be used or an unknown account.
    """
    plain = cycle.plain or context.dry
    with ExitStack() as stack:
        stack.enter_context(without_server() if plain else prefect_server(context.settings.home, say))
        from flows.options import DeliveryOptions, FlowOptions
        from flows.run import check_moment, sharing

        check_moment(context, cycle.as_of)
        accounts = tuple(sorted(accounts_meant(context, cycle.accounts)))
        if not plain:
            stack.enter_context(_without_heartbeat())
        told = stack.enter_context(sharing(context))
        asked = {"as_of": cycle.as_of, "accounts": accounts, "actor": cycle.by, "reason": cycle.reason}
        reports = []
        for flow in _sweeps():
            say(f"{flow.name} ...")
            options = (DeliveryOptions if flow.name == "deliver" else FlowOptions)(dry_run=context.dry, **asked)
            reports.append(_call(flow, options, cycle, None if plain else told))
    return CycleReport(as_of=cycle.as_of, dry_run=context.dry, flows=tuple(reports))


def _sweeps() -> "tuple[Flow[Any, Any], ...]":
    from flows.deliver import deliver
    from flows.escalate_stalled import escalate_stalled
    from flows.onboard_accounts import onboard_accounts
    from flows.send_check_ins import send_check_ins
    from flows.sync_crm import sync_crm

    return (onboard_accounts, send_check_ins, escalate_stalled, deliver, sync_crm)


def _without_heartbeat() -> AbstractContextManager[object]:
    """Turn off the heartbeat of flow runs: its thread sleeps in whole seconds and is joined, a second a flow."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    return temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})


def _call(flow: "Flow[Any, Any]", options: "FlowOptions", cycle: Cycle, told: list[FlowReport] | None) -> FlowReport:
    """Return the report of a flow, run by Prefect where the reports of such runs are ``told``, else as a function."""
    found: object
    try:
        if told is None:
            found = flow.fn(options)
        else:
            before = len(told)
            state: Any = flow(options, return_state=True)
            ended = state.is_completed() or state.is_failed()
            found = told[-1] if ended and len(told) > before else state.result(raise_on_failure=False)
    except Exception as error:
        found = error
    if isinstance(found, FlowReport):
        return found
    logger.error("%s ended early", flow.name, exc_info=found if isinstance(found, BaseException) else None)
    return FlowReport(flow=flow.name, as_of=cycle.as_of, dry_run=options.dry_run, crashed=_in_short(found))


def _in_short(found: object) -> str:
    return without_secrets(f"{type(found).__name__}: {found}".splitlines()[0])[:300]
