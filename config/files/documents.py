"""YAML files of an operator, read into their model; a mistake names file, line, field and remedy."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from config.files.marked_yaml import Marked, MarkedError, read_marked
from config.files.mistakes import Mistake, PlaybookError, from_marked, from_validation
from config.files.plain_files import read_file

Document = TypeVar("Document")


class DocumentError(PlaybookError):
    """A mapping or team file with mistakes. Its text has one line for each."""


_adapters: dict[Any, TypeAdapter[Any]] = {}
"""One adapter for each model, as creating one takes some milliseconds."""


def adapter(model: type[Document]) -> TypeAdapter[Document]:
    """Return the validator of a model: types, and the limits in the metadata of its fields."""
    if model not in _adapters:
        _adapters[model] = TypeAdapter(model)
    return _adapters[model]


def read_document(path: Path, model: type[Document]) -> Document:
    """Return the checked content of the file. Raise DocumentError with all mistakes at once."""
    return document_with_lines(path, model)[0]


def document_with_lines(path: Path, model: type[Document]) -> tuple[Document, Marked]:
    """Return the content as ``read_document`` does, with the lines it was read from. Raise DocumentError."""
    try:
        marked = read_marked(read_file(path))
        return adapter(model).validate_python(marked.data), marked
    except OSError as error:
        raise DocumentError(
            [_whole(path, f"it cannot be read ({error.strerror})", "correct the path or its rights")]
        ) from None
    except UnicodeDecodeError:
        raise DocumentError([_whole(path, "it is not UTF-8 text", "save it as UTF-8")]) from None
    except MarkedError as error:
        raise DocumentError([from_marked(error, str(path))]) from None
    except ValidationError as error:
        raise DocumentError(from_validation(error, model, marked, str(path))) from None


def _whole(path: Path, problem: str, mend: str) -> Mistake:
    return Mistake(file=str(path), line=0, field="", problem=problem, mend=mend)
