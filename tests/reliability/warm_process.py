"""A long-running process, and how often it made what it should make once (P8).

``python -m tests.reliability.warm_process WORK`` with the settings in its environment prints a line of JSON. The
libraries' constructors are counted; no code of ours is changed. (A profiler would count them too, but makes Python
3.11.2 crash with several threads.)
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import requests
from jinja2 import Environment
from slack_sdk import WebClient
from sqlalchemy import update

from config.mail_templates.environment import compiled
from config.mail_templates.render import Templates
from config.settings.channels import CsvCrm
from config.settings.load import load_settings
from database.tables import EffectRow, dump
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import Scope
from tests.reliability.house import as_it_is, cycle
from tests.reliability.simulation import START, owe
from tests.reliability.small_portfolio import AS_OF, NEXT_DAY, live_a_day

ROUNDS, MAILS = 3, 120
MOMENTS = (AS_OF, AS_OF + timedelta(hours=1), NEXT_DAY)
PAYLOAD = {
    "to": "ann.lee@acme.example",
    "sender": "onboarding@northbeam.example",
    "subject": "Kickoff",
    "text": "Hello Ann,\n\nlet us meet.\n",
    "date": "2026-03-05T09:30:00+00:00",
}


class Made:
    """The number of objects made, counted in the libraries' constructors."""

    def __init__(self) -> None:
        self.compiled: list[tuple[str, str]] = []
        self.opened: list[str] = []

    def listen(self) -> None:
        """Count for the rest of this process."""
        compile_template = Environment.compile

        def compiling(environment: Environment, source: Any, *rest: Any, **more: Any) -> Any:
            self.compiled.append((str(environment.finalize), str(source)))
            return compile_template(environment, source, *rest, **more)

        Environment.compile = compiling  # type: ignore[method-assign, assignment]
        for name, client in (("httpx", httpx.Client), ("requests", requests.Session), ("slack", WebClient)):
            client.__init__ = self._opening(name, client.__init__)  # type: ignore[misc]

    def _opening(self, name: str, begin: Callable[..., None]) -> Callable[..., None]:
        def opening(client: object, *given: Any, **more: Any) -> None:
            self.opened.append(name)
            begin(client, *given, **more)

        return opening


def one_workplace() -> None:
    """Run cycles that share a run context, as the flows of one cycle do."""
    with open_run_context(load_settings(env_file=None)) as context:
        _live(lambda moment: cycle(context, moment))


def workplaces(furnish: Callable[[RunContext], RunContext] = as_it_is) -> None:
    """Run cycles that each open a run context."""

    def work(moment: object) -> None:
        with open_run_context(load_settings(env_file=None)) as context:
            cycle(furnish(context), moment)

    _live(work)


def heedless() -> None:
    """Run the control: each run context has templates of its own, and compiles them."""

    def furnish(context: RunContext) -> RunContext:
        compiled.cache_clear()
        return replace(context, templates=Templates())

    workplaces(furnish)


def mails() -> None:
    """Deliver many mails several times."""
    with open_run_context(load_settings(env_file=None)) as context:
        for number in range(ROUNDS):
            owe(context.database, MAILS)
            with context.database.writing() as conn:
                conn.execute(update(EffectRow).values(key=EffectRow.key + f"-{number}", payload=dump(PAYLOAD)))
            deliver(context, START, Channel.MAIL, Scope())


def _live(work: Callable[..., None]) -> None:
    crm = load_settings(env_file=None).crm
    for moment in MOMENTS:
        if moment == NEXT_DAY and isinstance(crm, CsvCrm):
            live_a_day(crm.folder)
        work(moment)


def told_of(work: str) -> dict[str, Any]:
    """Do this work and return how much was made; to be called once in a process."""
    made = Made()
    made.listen()
    {does.__name__: does for does in (one_workplace, workplaces, heedless, mails)}[work]()
    return {"compiled": len(made.compiled), "texts": len(set(made.compiled)), "clients": Counter(made.opened)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(told_of(sys.argv[1])))
