"""The finding on the languages in which the team file wants Slack messages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.check.findings import Finding

if TYPE_CHECKING:
    from config.settings.load import Settings
    from onboarding.people.team import Team


def spoken(settings: "Settings", team: "Team") -> Iterator[Finding]:
    """Yield the finding where the team file names languages: those that are not there, and what they leave out."""
    from config.mail_templates.languages import TemplateLanguages
    from onboarding.languages.language import ENGLISH

    named = sorted({one.language for one in team.members if one.language} | ({team.language} - {""}))
    if not named:
        return
    languages = TemplateLanguages(settings.templates, ENGLISH.tag)
    found = {tag: languages.left_out(tag) for tag in named}
    unknown = [tag for tag, missing in found.items() if missing is None]
    if unknown:
        folders = ", ".join(("en", *languages.folders))
        said = f"{settings.team}: no words for the language {', '.join(unknown)}, so Slack is in the brand's language"
        mend = f"use one of {folders}, or add {settings.templates}/{unknown[0]}/words.yaml"
        yield Finding(what="languages", ok=False, said=f"{said}; {mend}")
        return
    short = [f"{tag} lacks {missing[0]} and {len(missing) - 1} more" for tag, missing in found.items() if missing]
    said = f"Slack messages in {', '.join(named)}"
    told = f"{said}; said in English: {'; '.join(short)}" if short else said
    yield Finding(what="languages", ok=True, warning=bool(short), said=told)
