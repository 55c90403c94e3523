"""The languages of a folder of templates: a folder inside for each, which may lack any file."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from config.languages.words import FILE, is_language, left_out, read_language, read_words
from onboarding.languages.language import ENGLISH, Language


class TemplateLanguages:
    """Which language a template or a page is in for a reader; words are read once, at their first use."""

    def __init__(self, folder: Path, usual: str) -> None:
        """``usual`` is the language of readers of whom none is known."""
        self._folder = folder
        self._usual = usual
        self._read: dict[tuple[str, str], Language] = {}

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """Return the folders of languages besides that of the templates themselves."""
        inside = self._folder.iterdir() if self._folder.is_dir() else ()
        return tuple(sorted(path.name for path in inside if path.is_dir() and is_language(path.name)))

    def of_mail(self, template: str, wanted: Iterable[str] = ()) -> Language:
        """Return the language of a template for a reader: the first of ``wanted`` if it has the template, else the
        usual one, else that of the templates themselves. Raise DocumentError for a mistake in its words."""
        return self._with(Path("mail") / f"{template}.md", wanted)

    def of_pages(self, wanted: Iterable[str] = ()) -> Language:
        """Return the language of pages for a reader, in the same way."""
        return self._with(Path(FILE), wanted)

    def of_browser(self, accepted: Iterable[str]) -> Language:
        """Return the language of pages for a reader of whom only the browser's languages are known, the dearest first:
        the first of them in which there are pages, else the usual one."""
        found = (self._in(Path(FILE), tag) for tag in accepted)
        return next((one for one in found if one is not None), None) or self.of_pages()

    def left_out(self, tag: str) -> tuple[str, ...] | None:
        """Return the keys of the phrases of Slack that a language leaves out; None where there is no such language."""
        found = self._in(Path(FILE), tag)
        return None if found is None else left_out(self._folder / found.folder) if found.folder else ()

    def read(self, tag: str, folder: str) -> Language:
        """Return a language with the words of a folder. Raise DocumentError."""
        if (tag, folder) not in self._read:
            self._read[tag, folder] = read_language(tag, folder, read_words(self._folder / folder))
        return self._read[tag, folder]

    def _with(self, file: Path, wanted: Iterable[str]) -> Language:
        first = next(iter(wanted), "")
        for tag in dict.fromkeys(filter(None, (first, self._usual))):
            if (found := self._in(file, tag)) is not None:
                return found
        return self.read(self._base, "")

    def _in(self, file: Path, tag: str) -> Language | None:
        """Return a language if this file is in it."""
        family = tag.partition("-")[0]
        for folder in (tag, family):
            if folder in self.folders and (self._folder / folder / file).is_file():
                return self.read(tag, folder)
        return self.read(tag, "") if family == self._base.partition("-")[0] else None

    @cached_property
    def _base(self) -> str:
        """Return the language of the templates that are in no folder of a language."""
        return read_words(self._folder).language or ENGLISH.tag
