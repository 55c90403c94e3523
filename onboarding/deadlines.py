"""Until when the stage it is in may last."""

from datetime import datetime

from onboarding.anchors import dates, moment
from onboarding.case import Case, Progress
from onboarding.playbook import Playbook
from onboarding.standing import Standing
from onboarding.words import Stage


def stage_due_at(
    case: Case, standing: Standing, progress: Progress, playbook: Playbook, now: datetime
) -> datetime | None:
    """When the present stage should have ended (UTC, moved by holds); None where its anchor is not known,
    or done."""
    if progress.stage is Stage.DONE:
        return None
    allowed = playbook.stages[progress.stage].allowed
    anchors = dates(case, standing, progress.stage, progress.stage_times)
    return moment(allowed, anchors[allowed.anchor], case, now)
