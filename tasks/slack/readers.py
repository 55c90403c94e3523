"""Who reads an answer in Slack: their language, and the zone of their moments."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from integrations.slack.errors import Trouble
from integrations.slack.people import WorkspaceUser
from integrations.slack.views.modals import ModalSubject
from integrations.slack.workspace import SlackWorkspace
from onboarding.forms.form import Form, FormField, Option
from onboarding.languages.language import Language
from onboarding.sentences.label_phrases import LabelPhrases
from onboarding.sentences.sentence import Sentence, sentence
from tasks.runtime.context import RunContext
from tasks.slack.requests import Who
from tasks.slack.without_commands import in_slack
from tasks.views.languages import slack_language


class Reader(NamedTuple):
    """A person in Slack as a reader."""

    language: Language
    zone: str
    """IANA."""

    @property
    def labels(self) -> LabelPhrases:
        """Return the words of what they may press."""
        return self.language.words.labels

    def told(self, text: str) -> str:
        """Return a text in their language, with its moments in their zone."""
        return self.language.sentence(text, self.zone)

    def refused(self, error: Exception, phrase: str = "replies.refused") -> str:
        """Return a refusal in a phrase with ``because``, without the mends that need a command line."""
        said = error.args[0] if error.args and isinstance(error.args[0], Sentence) else str(error)
        return self.told(sentence(phrase, because=in_slack(self.told(said))))

    def form(self, form: Form) -> Form:
        """Return a form in their language, with its moments in their zone; what is filled in stays as it is."""
        return replace(
            form,
            title=self.told(form.title),
            submit=self.told(form.submit),
            intro=tuple(map(self.told, form.intro)),
            fields=tuple(map(self._field, form.fields)),
        )

    def _field(self, field: FormField) -> FormField:
        options = tuple(Option(one.value, self.told(one.words), self.told(one.group)) for one in field.options)
        return replace(field, label=self.told(field.label), hint=self.told(field.hint), options=options)

    def errors(self, wrong: Mapping[str, str]) -> dict[str, str]:
        """Return what is wrong with each answer."""
        return {name: self.told(text) for name, text in wrong.items()}


def reader_of(context: RunContext, member: WorkspaceUser) -> Reader:
    """Return a person whom Slack has named as the reader."""
    return Reader(slack_language(context, member.email or ""), member.zone)


def reader_by_id(context: RunContext, slack: SlackWorkspace, who: Who) -> Reader:
    """Return a person as the reader of why they may not do it; the team's language where Slack does not answer."""
    try:
        return reader_of(context, slack.people.member(who.user))
    except Trouble:
        return Reader(slack_language(context), "UTC")


def reader_of_modal(context: RunContext, subject: ModalSubject) -> Reader:
    """Return the person to whom a modal was shown as the reader; nothing is asked of Slack."""
    if not subject.language:
        return Reader(slack_language(context), subject.zone)
    return Reader(context.templates.languages.of_pages((subject.language,)), subject.zone)
