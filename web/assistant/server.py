"""The tools and resources of ``first90 mcp``, declared with the official SDK."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from database.acting import acting
from database.onboardings.lookup import NotFound
from onboarding.people.permissions import refusal
from onboarding.people.team import Team
from onboarding.permissions.identity import Identity
from onboarding.permissions.table import Permission
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from web.assistant import answers
from web.assistant.changes import ChangingTools
from web.assistant.quoting import NOTICE

Result = TypeVar("Result")
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
INSTRUCTIONS = (
    "first90 follows the onboarding of a company's new customers. Each answer has `answer` and `rests_on`: the facts "
    f"and the playbook versions from which it follows. {NOTICE}"
)


def build(context: RunContext, person: Identity) -> MCPServer[Any]:
    """Return the server over one open run context, which its threads share. Tools that change something are there only
    where the settings switch them on; ``person`` is who asks, with the permissions of their roles."""
    server: MCPServer[Any] = MCPServer("first90", instructions=INSTRUCTIONS, log_level="WARNING")
    _add_readers(server, context, Asker(context.team, person))
    if context.settings.mcp_changes:
        _add_changes(server, ChangingTools(context, person.name), Asker(context.team, person))
    return server


@dataclass(frozen=True, slots=True)
class Asker:
    """The person for whom the server acts."""

    team: Team
    person: Identity

    def told(self, permission: Permission, ask: Callable[[], Result]) -> Result:
        """Return the answer, if the person may ask; what was asked wrongly becomes an error with its mend."""
        try:
            if (because := refusal(self.team, self.person, permission)) is not None:
                raise Refused(because)
            with acting({self.person.name: self.person.how}):
                return ask()
        except (Refused, NotFound, ValueError) as error:
            raise ToolError(str(error)) from None

    def looking(self, ask: Callable[[], Result]) -> Result:
        """Return the answer to a question that changes nothing."""
        return self.told(Permission.LOOK, ask)


def _add_readers(server: MCPServer[Any], context: RunContext, asker: Asker) -> None:
    @server.tool(annotations=READS)
    def accounts(stage: str = "", owner: str = "", stalled: bool = False) -> dict[str, Any]:
        """List the onboardings, the most urgent first. Narrow by stage (handoff, kickoff, setup, training, first_value,
        done), by the owner's mail address, or to those that stand still."""
        return asker.looking(lambda: answers.accounts(context, stage, owner, stalled))

    @server.tool(annotations=READS)
    def explain(account: str, touchpoint: str = "") -> dict[str, Any]:
        """Say why an onboarding is where it is, whose move it is, and what happens next and when; or what became of one
        touchpoint, such as welcome or check_in_7. The account is a name, an account id or a deal id."""
        return asker.looking(lambda: answers.explain(context, account, touchpoint))

    @server.tool(annotations=READS)
    def forecast(account: str, what_if: list[str] | None = None) -> dict[str, Any]:
        """Say when stages and go-live will be reached, beside what was expected at signature, with the reason for every
        day gained or lost. With what_if, such as ["security_review=2026-04-10"], say which dates, stalls and messages
        would change; nothing is changed by asking."""
        return asker.looking(lambda: answers.forecast(context, account, what_if or ()))

    @server.tool(annotations=READS)
    def what_was_sent(account: str, channel: str = "") -> dict[str, Any]:
        """List the mails and Slack messages to and about an account that left, may have left or were refused, each with
        its reason. Narrow by channel: mail or slack; crm lists the rows of the CRM, which are only counted else."""
        return asker.looking(lambda: answers.what_was_sent(context, account, channel))

    @server.tool(annotations=READS)
    def metrics(tier: str = "", since: str = "") -> dict[str, Any]:
        """Give the metrics with definitions, intervals and the accounts behind them. Narrow by tier (such as mid),
        or to deals signed since a day (2026-03-02)."""
        return asker.looking(lambda: answers.metrics(context, tier, since))

    @server.tool(annotations=READS)
    def playbook(tier: str = "") -> dict[str, Any]:
        """Give the playbooks: stages, milestones, steps, stall rules and the ladder; of one tier or of all."""
        return asker.looking(lambda: answers.playbook(context, tier))

    @server.resource("first90://accounts", mime_type="application/json")
    def all_accounts() -> str:
        """All onboardings, the most urgent first."""
        return _json(asker.looking(lambda: answers.accounts(context, "", "", False)))

    @server.resource("first90://metrics", mime_type="application/json")
    def all_metrics() -> str:
        """The metrics with definitions, intervals and the accounts behind them, and what stalls cost."""
        return _json(asker.looking(lambda: answers.metrics(context, "", "")))

    @server.resource("first90://playbook/{tier}", mime_type="application/json")
    def one_playbook(tier: str) -> str:
        """The playbook of a tier, such as mid."""
        return _json(asker.looking(lambda: answers.playbook(context, tier)))

    @server.resource("first90://explain/{account}", mime_type="application/json")
    def one_account(account: str) -> str:
        """Why one onboarding is where it is. The account is an account id or a deal id."""
        return _json(asker.looking(lambda: answers.explain(context, account, "")))

    @server.resource("first90://forecast/{account}", mime_type="application/json")
    def one_forecast(account: str) -> str:
        """When the stages and the go-live of one onboarding will be reached, and why."""
        return _json(asker.looking(lambda: answers.forecast(context, account)))

    @server.resource("first90://what-was-sent/{account}", mime_type="application/json")
    def sent_to(account: str) -> str:
        """The messages to and about one account."""
        return _json(asker.looking(lambda: answers.what_was_sent(context, account, "")))


def _add_changes(server: MCPServer[Any], changes: ChangingTools, asker: Asker) -> None:
    @server.tool(annotations=CHANGES)
    def record(account: str, milestone: str, at: str = "", confirm: str = "") -> dict[str, Any]:
        """Record that a milestone was reached, at a moment (now). Without `confirm` it only shows what would happen; a
        person has to agree before the same call is made with the token of that preview."""
        return asker.told(Permission.RECORD, lambda: changes.record(account, milestone, at, confirm))

    @server.tool(annotations=CHANGES)
    def hold(account: str, reason: str, until: str = "", confirm: str = "") -> dict[str, Any]:
        """Put an onboarding on hold, until a moment or until it is resumed by hand. Without `confirm` it only shows
        what would happen; a person has to agree before the same call is made with the token of that preview."""
        return asker.told(Permission.STEER, lambda: changes.hold(account, reason, until, confirm))

    @server.tool(annotations=CHANGES)
    def ack(account: str, confirm: str = "") -> dict[str, Any]:
        """Acknowledge what is escalated for an account: the person takes care of it, and it rests. Without `confirm` it
        only shows what would happen; a person has to agree before the call is made with the token of that preview."""
        return asker.told(Permission.STEER, lambda: changes.ack(account, confirm))


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False)
