"""The links of a message: to the record in the CRM, to the reader's page of the board, to the customer's plan page, to
the page of a question."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from config.settings.load import Settings
from onboarding.escalations.readers import CHANNEL_ID
from onboarding.facts.feedback import QUESTIONS
from onboarding.messages.posts import Post
from onboarding.messages.survey_ask import NO_SURVEY, SurveyPart, may_ask
from onboarding.model.effect import Leased
from onboarding.model.playbook import Step
from onboarding.review_case import Reviewed
from onboarding.sentences.sentence import sentence
from onboarding.shared_plan.links import link_number, page_closed, page_reader
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, plan_url, survey_url
from tasks.views.readers import board_address, board_token


def crm_link(context: RunContext, account_id: str) -> str | None:
    """Return the web address of the account in the CRM; None for a folder of files."""
    address = context.settings.crm.web_address
    return f"{address}/{account_id}" if address else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLinks:
    """The readers' own links to the board for one batch of messages, each signed once. A dry run makes none."""

    context: RunContext
    as_of: datetime
    tokens: dict[str, str]
    """What was signed already, by the reader's address."""

    def with_page(self, post: Post, found: Reviewed, reader_id: str) -> Post:
        """Return a post that leads to the account's page; unchanged for a channel, whose readers are several, and where
        no public address is set."""
        reader = found.case.owners.get(reader_id)
        if reader is None:
            return post
        return replace(post, page=self._url(reader.email, f"/{quote(found.case.key, safe='')}") or None)

    def with_board(self, post: Post, effect: Leased) -> Post:
        """Return a person's digest with the board; unchanged for a channel and where no public address is set."""
        url = "" if effect.person_id == CHANNEL_ID else self._url(effect.recipient)
        return replace(post, page=url, page_words=sentence("digest.all_on_board")) if url else post

    def _url(self, reader: str, page: str = "") -> str:
        if self.context.dry:
            return ""
        if reader not in self.tokens:
            self.tokens[reader] = board_token(self.context, reader, self.as_of)
        return board_address(self.context, self.tokens[reader], page)


def plan_link_of(context: RunContext, found: Reviewed, person_id: str, as_of: datetime) -> str:
    """Return the address of the person's plan page; empty where they may have none, and where no public address is
    set or mail is redirected."""
    case, review = found.case, found.review
    if page_closed(review.progress, as_of) or page_reader(case, review.state, person_id, as_of) is None:
        return ""
    return plan_url(context.settings, Link(person_id, case.key), link_number(case.facts, person_id, as_of), as_of)


def survey_part(settings: Settings, found: Reviewed, step: Step, mail: Leased, as_of: datetime) -> SurveyPart:
    """Return the question of a step that asks one; none where its reader may not be asked now, or no page is served."""
    kind = step.mail.survey if step.mail else None
    if kind is None or kind not in QUESTIONS:
        return NO_SURVEY
    if not may_ask(found.case, found.review.state, found.playbook, mail, as_of):
        return NO_SURVEY
    url = survey_url(settings, kind, Link(mail.person_id, found.case.key), as_of)
    return SurveyPart(question=QUESTIONS[kind], url=url) if url else NO_SURVEY
