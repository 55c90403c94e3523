"""Rendering of mail templates: subject, plain text and HTML from one letter.

Templates come from the repository or from an operator; the values come from a CRM and are escaped. Sandboxed, and a
name that the context does not have is an error, which ``check`` finds before anything is sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateError
from markdown_it.token import Token
from markupsafe import Markup

from config.files.mistakes import Mistake, PlaybookError
from config.mail_templates import answers, blocks, markdown
from config.mail_templates.blocks import Look
from config.mail_templates.environment import MOST_TEXTS, compiled, parsed
from config.mail_templates.files import LINES, Source, read_source, read_text
from config.mail_templates.languages import TemplateLanguages
from config.mail_templates.names import unknown_names
from config.mail_templates.times import asking_instead, line_without_times, names_times
from config.settings import locations
from onboarding.brand.company import NO_BRAND, Brand
from onboarding.languages.language import ENGLISH, Language
from onboarding.messages.letter_parts import LetterContext
from onboarding.model.message_policy import Topic
from onboarding.model.vocabulary import STAGES

BUNDLED = locations.BUNDLED / "templates"
_GAP = re.compile(r"\A(\s*[^\W\d_]+) +,")
"""A salutation for a recipient without a name: ``Hello ,``."""
CLOSING = "\n--\n"
"""What stands before the closing lines in a mail's text."""
SIGNATURE, FOOTER, LAYOUT = "signature.md", "footer.md", "layout.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A rendered mail. Subject and preheader are one line each."""

    subject: str
    preheader: str
    text: str
    html: str


class Templates:
    """The templates of a folder in all its languages, and the company's brand. Each is read once, at its first
    use, and compiled once for the process.

    A language is a folder inside, named by its tag, with the same files; it may lack any of them.
    """

    def __init__(self, folder: Path = BUNDLED, brand: Brand = NO_BRAND) -> None:
        self.folder = folder
        self.brand = brand
        self._sources: dict[tuple[str, str], Source] = {}
        self._shared: dict[tuple[str, str], str] = {}
        self.languages = TemplateLanguages(folder, brand.language)

    def names(self, folder: str = "") -> tuple[str, ...]:
        """Return the names of all mail templates, or of those in a language."""
        return tuple(sorted(path.stem for path in (self.folder / folder / "mail").glob("*.md")))

    def topic(self, name: str) -> Topic:
        """Return the topic of a template. Raise PlaybookError if it cannot be read."""
        return self.source(name).head.topic

    def source(self, name: str, folder: str = "") -> Source:
        """Return a template as written, in one of the languages. Raise PlaybookError if it cannot be read."""
        if (folder, name) not in self._sources:
            self._sources[folder, name] = read_source(self.folder / folder / "mail" / f"{name}.md")
        return self._sources[folder, name]

    def shared(self, file: str, folder: str = "") -> str:
        """Return signature, footer or layout as written, in one of the languages if it has its own. Raise PlaybookError
        if it cannot be read."""
        if (folder, file) not in self._shared:
            own = self.folder / folder / file
            self._shared[folder, file] = read_text(own if own.is_file() else self.folder / file)
        return self._shared[folder, file]

    def render(self, name: str, letter: LetterContext) -> Rendered:
        """Return one mail, in text and HTML. Raise PlaybookError if the template has a mistake."""
        language = letter.language
        source, names = self.source(name, language.folder), self._names_of(letter)
        try:
            said = {field: self._said(getattr(source.head, field), names) for field in LINES}
            ask = language.say("ask_time")
            head = {field: line_without_times(line, ask) for field, line in said.items()}
            written = asking_instead(_GAP.sub(r"\1,", _body(source.body).render(names)), ask)
            body = markdown.with_first_date_bold(markdown.parse(written), language.formats.dates)
            signature, closing = self._ends(letter)
            look = Look(self.brand.palette, language.direction)
            asked = answers.opened(body, letter.owner.email, head["subject"])
            page = markdown.as_html([*asked, *signature], look=look)
            if head["progress"]:
                page = blocks.bar(letter.stage.number, len(STAGES), head["progress"], look) + page
            html = self._page((head["subject"], head["preheader"]), page, closing, language)
        except TemplateError as error:
            raise PlaybookError([_unsound(source.file, error)]) from None
        text = f"{markdown.as_text([*answers.left_out(body), *signature])}{CLOSING}{markdown.as_text(closing)}"
        return Rendered(subject=head["subject"], preheader=head["preheader"], text=text, html=html)

    def names_times(self, name: str, folder: str = "") -> bool:
        """Return whether a template can name a time that is offered. Raise PlaybookError if it cannot be read."""
        source = self.source(name, folder)
        return names_times([source.body, *(getattr(source.head, field) for field in LINES)])

    def edited(self, letter: LetterContext, subject: str, text: str) -> Rendered:
        """Return a mail with the words of a person, as they wrote them, in the company's layout and with its closing
        lines. Raise PlaybookError if those have a mistake."""
        lines = "\n\n".join(_lines_as_written(block) for block in re.split(r"\n\s*\n", text.strip()))
        try:
            footer = self.shared(FOOTER, letter.language.folder)
            closing = markdown.parse(_body(footer).render(self._names_of(letter)))
            look = Look(self.brand.palette, letter.language.direction)
            page = markdown.as_html(markdown.parse(lines), look=look)
            html = self._page((subject, ""), page, closing, letter.language)
        except TemplateError as error:
            raise PlaybookError([_unsound(FOOTER, error)]) from None
        return Rendered(
            subject=subject, preheader="", text=f"{text.strip()}\n{CLOSING}{markdown.as_text(closing)}", html=html
        )

    def worded(self, letter: LetterContext, subject: str, body: str) -> Rendered:
        """Return a mail whose words are in no template: ``body`` is Markdown. With signature, layout and closing lines
        like every other mail to a customer. Raise PlaybookError if those have a mistake."""
        tokens = markdown.parse(body)
        try:
            signature, closing = self._ends(letter)
            page = markdown.as_html([*tokens, *signature], look=Look(self.brand.palette, letter.language.direction))
            html = self._page((subject, ""), page, closing, letter.language)
        except TemplateError as error:
            raise PlaybookError([_unsound(FOOTER, error)]) from None
        text = f"{markdown.as_text([*tokens, *signature])}{CLOSING}{markdown.as_text(closing)}"
        return Rendered(subject=subject, preheader="", text=text, html=html)

    def note(self, subject: str, body: str, closing: str) -> Rendered:
        """Return a mail to our own people in the company's layout; ``body`` and ``closing`` are Markdown.

        Raise PlaybookError if the layout has a mistake.
        """
        tokens, end = markdown.parse(body), markdown.parse(closing)
        try:
            page = markdown.as_html(tokens, look=Look(self.brand.palette))
            html = self._page((subject, ""), page, end, ENGLISH)
        except TemplateError as error:
            raise PlaybookError([_unsound(LAYOUT, error)]) from None
        text = f"{markdown.as_text(tokens)}{CLOSING}{markdown.as_text(end)}"
        return Rendered(subject=subject, preheader="", text=text, html=html)

    def say(self, text: str, letter: LetterContext) -> str:
        """Return a step's Slack text on one plain line; escaping for Slack is up to the Slack integration.

        Raise PlaybookError if the text uses an unknown name.
        """
        try:
            line = markdown.flatten(_line(text).render(self._names_of(letter)))
            return asking_instead(line, letter.language.say("ask_time"))
        except TemplateError as error:
            raise PlaybookError([_unsound("the playbook's says", error)]) from None

    def unknown_names(self, name: str, folder: str = "") -> list[tuple[int, str]]:
        """Return names that a template uses and the context does not have: line in its file and dotted name.

        Raise PlaybookError if the file cannot be read, TemplateSyntaxError for invalid syntax.
        """
        source = self.source(name, folder)
        found = [
            (line, word)
            for field, line in source.head_lines
            for _, word in self.unknown_in(getattr(source.head, field))
        ]
        return found + [(source.body_line - 1 + line, word) for line, word in self.unknown_in(source.body)]

    def unknown_in(self, text: str) -> tuple[tuple[int, str], ...]:
        """Return the same for any text: a step's Slack text, the signature. Raise TemplateSyntaxError."""
        return _unknown_in(text)

    def layout(self) -> Template:
        """Return the HTML layout of every mail. Raise PlaybookError or TemplateSyntaxError."""
        return compiled(None, self.shared(LAYOUT))

    def _ends(self, letter: LetterContext) -> tuple[Sequence[Token], Sequence[Token]]:
        """Return signature and closing lines in the letter's language."""
        folder, names = letter.language.folder, self._names_of(letter)
        signature, closing = (_body(self.shared(file, folder)).render(names) for file in (SIGNATURE, FOOTER))
        return markdown.parse(signature), markdown.parse(closing)

    def _page(self, head: tuple[str, str], body: str, closing: Sequence[Token], language: Language) -> str:
        """Return the HTML of a mail; ``head`` is subject and preheader, ``body`` HTML of Markdown and blocks."""
        look = Look(self.brand.palette, language.direction)
        return self.layout().render(
            subject=head[0],
            preheader=head[1],
            brand=self.brand,
            language=language,
            look=look,
            body=Markup(body),
            footer=Markup(markdown.as_html(closing, small=True, look=look)),
        )

    def _said(self, line: str, names: Mapping[str, Any]) -> str:
        return markdown.flatten(_line(line).render(names)) if line else ""

    def _names_of(self, letter: LetterContext) -> dict[str, Any]:
        return {part.name: getattr(letter, part.name) for part in fields(letter)} | {"brand": self.brand}


@lru_cache(maxsize=MOST_TEXTS)
def _unknown_in(text: str) -> tuple[tuple[int, str], ...]:
    _line(text)  # compiling it finds unknown filters
    return unknown_names(parsed(markdown.flatten, text), LetterContext)


def _line(text: str) -> Template:
    return compiled(markdown.flatten, text)


def _body(text: str) -> Template:
    return compiled(markdown.literal, text)


@cache
def open_templates(folder: Path = BUNDLED, brand: Brand = NO_BRAND) -> Templates:
    """Return the templates of a folder, cached for the process."""
    return Templates(folder, brand)


def _lines_as_written(block: str) -> str:
    """Return the lines of a paragraph as Markdown that shows them as they are."""
    return "\\\n".join(markdown.literal(line) for line in block.splitlines() if line.strip())


def _unsound(file: str, error: TemplateError) -> Mistake:
    problem = str(error.message or type(error).__name__)
    return Mistake(file=file, line=0, field="", problem=problem, mend="`first90 playbook check` names the line")
