"""Checks of templates without rendering: heads, syntax, and every name against the letter's context."""

from jinja2 import TemplateSyntaxError

from config.files.mistakes import Mistake, PlaybookError, nearest
from config.mail_templates.names import known_names
from config.mail_templates.render import FOOTER, LAYOUT, SIGNATURE, Templates
from onboarding.messages.letter_parts import LetterContext


def template_problems(templates: Templates, name: str) -> tuple[Mistake, ...]:
    """Return all mistakes of one mail template, with file, line and remedy."""
    try:
        source = templates.source(name)
    except PlaybookError as error:
        return error.mistakes
    try:
        return tuple(_unknown(source.file, line, word) for line, word in templates.unknown_names(name))
    except TemplateSyntaxError as error:
        return (_syntax(source.file, source.body_line - 1 + error.lineno, error),)


def shared_problems(templates: Templates) -> tuple[Mistake, ...]:
    """Return all mistakes of signature, footer and layout, which every mail uses."""
    found: list[Mistake] = []
    for file in (SIGNATURE, FOOTER, LAYOUT):
        try:
            if file == LAYOUT:
                templates.layout()
            else:
                found += [_unknown(file, line, word) for line, word in templates.unknown_in(templates.shared(file))]
        except PlaybookError as error:
            found += error.mistakes
        except TemplateSyntaxError as error:
            found.append(_syntax(file, error.lineno, error))
    return tuple(found)


def says_problems(templates: Templates, text: str, file: str, line: int, field: str) -> tuple[Mistake, ...]:
    """Return all mistakes of a step's Slack text, with their place in the playbook."""
    try:
        return tuple(_unknown(file, line, word, field) for _, word in templates.unknown_in(text))
    except TemplateSyntaxError as error:
        return (_syntax(file, line, error, field),)


def _unknown(file: str, line: int, word: str, field: str = "") -> Mistake:
    problem = f"a letter has no {word!r}"
    return Mistake(file=file, line=line, field=field, problem=problem, mend=nearest(word, known_names(LetterContext)))


def _syntax(file: str, line: int, error: TemplateSyntaxError, field: str = "") -> Mistake:
    said = (error.message or "it is no template").rstrip(".")
    return Mistake(file=file, line=line, field=field, problem=said, mend="correct what stands between {{ }} or {% %}")
