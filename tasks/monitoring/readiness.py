"""Whether everything is ready: the database, its schema, the channels, and the sweeps."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from database.engine import HEAD, DatabaseProblem, revision
from onboarding.model.phrases import list_words, span_words
from tasks.monitoring.figures import down_channels
from tasks.monitoring.tally import MAIN_SWEEP, Sweeps, read_tally
from tasks.runtime.context import RunContext

LATE = timedelta(hours=1)
"""How old the last good sweep may be. It runs every ten minutes; the automations of ``first90 deploy`` tell at the same
age."""


class Check(StrEnum):
    """What is looked at."""

    DATABASE = "database"
    SCHEMA = "schema"
    CHANNELS = "channels"
    SWEEP = "sweep"


def readiness(context: RunContext, without: Collection[Check] = ()) -> Mapping[Check, str]:
    """Return each check with the reason why it fails, or an empty text. A reason holds no name and no address: whoever
    reaches the server may ask."""
    wanted = [check for check in Check if check not in without]
    try:
        found = revision(context.database)
    except DatabaseProblem:
        return dict.fromkeys(wanted, "the database does not answer")
    if found != HEAD:
        newer = found is not None and found > HEAD
        mend = "install the first90 that made it, or a later one" if newer else "run `first90 db upgrade`"
        schema = f"the database is at version {found}, the program needs {HEAD}: {mend}"
        return {check: "" if check is Check.DATABASE else schema for check in wanted}
    with context.database.reading() as conn:
        down, sweeps = sorted(down_channels(conn)), read_tally(conn).sweeps.get(MAIN_SWEEP, Sweeps())
    said = {
        Check.CHANNELS: f"down: {list_words(down)}; `first90 status` says why" if down else "",
        Check.SWEEP: _lateness(sweeps, context.wall_clock()),
    }
    return {check: said.get(check, "") for check in wanted}


def _lateness(sweeps: Sweeps, now: datetime) -> str:
    if not sweeps.succeeded_at:
        return f"no sweep ({MAIN_SWEEP}) has ended well yet"
    age = now - datetime.fromtimestamp(sweeps.succeeded_at, UTC)
    return f"the last sweep ({MAIN_SWEEP}) ended well {span_words(age)} ago" if age > LATE else ""
