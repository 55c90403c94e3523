"""Mail template files: a YAML head between two lines of ``---``, then Markdown with Jinja2 names."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.files.marked_yaml import MarkedError, read_marked
from config.files.mistakes import Mistake, PlaybookError, from_marked, from_validation
from config.files.plain_files import read_file
from onboarding.model.message_policy import Purpose, Topic

LINES = ("subject", "preheader", "progress")
"""The fields of a head that are templates of one line."""


class Head(BaseModel):
    """The front matter of a template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(min_length=3, max_length=800)
    topic: Topic
    purpose: Purpose = Purpose.SERVICE
    preheader: str = Field(default="", max_length=800)
    """The preview text that mail programs show after the subject."""
    progress: str = Field(default="", max_length=300)
    """The words above the bar of the five stages, with which the mail begins; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One template as written, with the first line of each part (from 1)."""

    file: str
    head: Head
    head_lines: tuple[tuple[str, int], ...]
    """The line of each of ``LINES`` that is present."""
    body: str
    body_line: int


def read_source(path: Path) -> Source:
    """Return one template. Raise PlaybookError with file, line and remedy."""
    text = read_text(path)
    lines = text.splitlines()
    closing = next((n for n, line in enumerate(lines) if n and line.strip() == "---"), None)
    if not lines or lines[0].strip() != "---" or closing is None:
        problem, mend = (
            "it has no head",
            "begin it with ---, subject: and topic:, and close the head with ---",
        )
        raise PlaybookError([Mistake(file=path.name, line=1, field="", problem=problem, mend=mend)])
    try:
        marked = read_marked("\n".join(lines[1:closing]), first_line=2)
        head = Head.model_validate(marked.data)
    except MarkedError as error:
        raise PlaybookError([from_marked(error, path.name)]) from None
    except ValidationError as error:
        raise PlaybookError(from_validation(error, Head, marked, path.name)) from None
    placed = tuple((field, marked.lines[(field,)]) for field in LINES if (field,) in marked.lines)
    body = "\n".join(lines[closing + 1 :])
    return Source(file=path.name, head=head, head_lines=placed, body=body, body_line=closing + 2)


def read_text(path: Path) -> str:
    """Return the text of a file. Raise PlaybookError if it is missing or not UTF-8."""
    try:
        return read_file(path, "utf-8")
    except FileNotFoundError:
        problem, mend = (
            "this template is not there",
            f"add the file {path.parent.name}/{path.name} or name another",
        )
    except (OSError, UnicodeDecodeError) as error:
        problem, mend = f"it cannot be read ({error})", "save it as UTF-8 text that this user may read"
    raise PlaybookError([Mistake(file=path.name, line=0, field="", problem=problem, mend=mend)])
