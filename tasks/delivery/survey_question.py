"""The question of a survey in a mail, with the link to its page."""

from datetime import datetime

from config.settings.load import Settings
from onboarding.facts.feedback import QUESTIONS
from onboarding.messages.survey_ask import NO_SURVEY, SurveyPart, may_ask
from onboarding.model.playbook import Step
from onboarding.review_case import Reviewed
from tasks.runtime.links import Link, survey_url


def survey_part(settings: Settings, found: Reviewed, step: Step, person_id: str, as_of: datetime) -> SurveyPart:
    """Return the question of a step that asks one; none where its reader may not be asked now, or no page is served."""
    kind = step.mail.survey if step.mail else None
    if kind is None or kind not in QUESTIONS:
        return NO_SURVEY
    if not may_ask(found.case, found.review.state, found.playbook, person_id, as_of):
        return NO_SURVEY
    url = survey_url(settings, kind, Link(person_id, found.case.key), as_of)
    return SurveyPart(question=QUESTIONS[kind], url=url) if url else NO_SURVEY
