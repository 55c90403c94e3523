"""The language of what one of the customer's people reads, and of what ours read in Slack."""

from config.company.languages import load_languages
from onboarding.languages.language import Language
from onboarding.model.parties import Account, Person
from tasks.runtime.context import RunContext


def page_language(context: RunContext, person: Person, account: Account) -> Language:
    """Return the language of the pages for this person, and of mails without a template of their own."""
    return context.templates.languages.of_pages(load_languages().of(person, account, context.brand))


def slack_language(context: RunContext, address: str = "") -> Language:
    """Return the language of Slack messages to one of our people, by mail address: the member's in the team file, else
    the team's, which channels have too, else the brand's."""
    return context.templates.languages.of_pages((context.team.language_of(address),))
