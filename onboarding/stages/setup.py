"""Stage 3, setup and configuration (ST-3): the technical foundation, correct and in time.

Every day of setup delay delays time to value, so the stage has a hard timeline in the playbook; speed never skips the
validation test (FM-20). The security review may run in parallel to everything else (SH-8).
"""

from collections.abc import Mapping

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import Stage, VendorRole
from onboarding.stages.criteria import Condition, read_exit

STAGE = Stage.SETUP
OBJECTIVE = "The technical foundation is right, inside a hard timeline"
OWNER = VendorRole.IMPLEMENTATION_ENGINEER
CONDITIONS: Mapping[str, Condition] = {}


def criteria(case: Case, state: OnboardingState, playbook: Playbook) -> tuple[Criterion, ...]:
    """Return the exit criteria of setup, met or not, in words: its technical items."""
    return read_exit(STAGE, CONDITIONS, case, state, playbook)
