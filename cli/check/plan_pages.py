"""The check that customers can answer where a playbook waits for what they say on the plan page."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.check.findings import Finding
from cli.opening import existing_database
from cli.options import Unusable

if TYPE_CHECKING:
    from config.settings.load import Settings
    from onboarding.model.vocabulary import Tier


def plan_pages(settings: "Settings") -> Iterator[Finding]:
    """Yield a warning where there is no plan page and an onboarding under way has a tier whose goals are confirmed and
    valued there; nothing else."""
    if settings.public_url is not None:
        return
    waiting = sorted(_answered_there(settings) & _in_use(settings))
    if waiting:
        missing = f"customers of {', '.join(waiting)} cannot confirm or value goals: there is no plan page"
        mend = "set FIRST90_PUBLIC_URL and FIRST90_LINK_SECRET and run first90 web, or record it for them"
        yield Finding(what="plan page", ok=True, warning=True, said=f"{missing}; {mend}")


def _answered_there(settings: "Settings") -> "set[Tier]":
    """Return the tiers in which goals prove a milestone; none where the playbooks cannot be read, which is a finding of
    its own."""
    from config.files.mistakes import PlaybookError
    from config.playbook_library.library import load_library
    from onboarding.model.written.proof import BY_GOALS

    try:
        versions = load_library(settings.playbooks).playbook_versions
    except PlaybookError:
        return set()
    return {tier for tier, one in versions.items() if any(plan.proof in BY_GOALS for plan in one.playbook.milestones())}


def _in_use(settings: "Settings") -> "set[Tier]":
    """Return the tiers of the onboardings under way; none where there is no database to ask."""
    from database.engine import DatabaseProblem
    from database.onboardings.overview import status_lines
    from onboarding.model.vocabulary import LIVE

    try:
        database = existing_database(settings)
    except (Unusable, DatabaseProblem):
        return set()
    try:
        with database.reading() as conn:
            return {line["tier"] for line in status_lines(conn) if line["status"] in LIVE and line["tier"]}
    finally:
        database.close()
