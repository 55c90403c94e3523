"""Checks of templates without rendering: heads, syntax, and every name against the letter's context."""

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError

from config.files.mistakes import Mistake, PlaybookError, nearest
from config.mail_templates.names import known_names
from config.mail_templates.render import FOOTER, LAYOUT, SIGNATURE, Templates
from onboarding.messages.letter_parts import LetterContext


def template_problems(templates: Templates, name: str, folder: str = "") -> tuple[Mistake, ...]:
    """Return all mistakes of one mail template in one language, with file, line and remedy."""
    try:
        source = templates.source(name, folder)
    except PlaybookError as error:
        return error.mistakes
    file = f"{folder}/{source.file}" if folder else source.file
    try:
        return tuple(_unknown(file, line, word) for line, word in templates.unknown_names(name, folder))
    except TemplateSyntaxError as error:
        return (_syntax(file, source.body_line - 1 + error.lineno, error),)


def language_problems(templates: Templates) -> Iterator[Mistake]:
    """Yield all mistakes of the other languages: words, signature, footer and templates. A template keeps topic
    and purpose of the one that it translates, so that every language follows the same policy."""
    for folder in templates.languages.folders:
        try:
            templates.languages.read(folder, folder)
        except PlaybookError as error:
            yield from error.mistakes
        for file in (SIGNATURE, FOOTER):
            yield from _shared(templates, file, folder)
        for name in templates.names(folder):
            yield from template_problems(templates, name, folder)
            yield from _differences(templates, name, folder)


def _differences(templates: Templates, name: str, folder: str) -> Iterator[Mistake]:
    file = f"{folder}/{name}.md"
    if name not in templates.names():
        mend = nearest(name, templates.names())
        yield Mistake(file=file, line=0, field="", problem=f"there is no template {name!r} to translate", mend=mend)
        return
    try:
        ours, theirs = templates.source(name).head, templates.source(name, folder).head
    except PlaybookError:
        return  # reported with the template itself
    for field, wanted, found in (("topic", ours.topic, theirs.topic), ("purpose", ours.purpose, theirs.purpose)):
        if wanted is not found:
            problem = f"it is {found}, and what it translates is {wanted}"
            yield Mistake(file=file, line=0, field=field, problem=problem, mend=f"write {field}: {wanted}")


def shared_problems(templates: Templates) -> tuple[Mistake, ...]:
    """Return all mistakes of signature, footer and layout, which every mail uses."""
    return tuple(mistake for file in (SIGNATURE, FOOTER, LAYOUT) for mistake in _shared(templates, file))


def _shared(templates: Templates, file: str, folder: str = "") -> Iterator[Mistake]:
    named = f"{folder}/{file}" if folder else file
    try:
        if file == LAYOUT:
            templates.layout()
        else:
            for line, word in templates.unknown_in(templates.shared(file, folder)):
                yield _unknown(named, line, word)
    except PlaybookError as error:
        yield from error.mistakes
    except TemplateSyntaxError as error:
        yield _syntax(named, error.lineno, error)


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
