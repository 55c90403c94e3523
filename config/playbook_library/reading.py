"""Reading a file of the library into its model; a mistake names file, line, field and remedy."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from config.files.documents import adapter
from config.files.marked_yaml import Marked, MarkedError, read_marked
from config.files.mistakes import Mistake, PlaybookError, from_marked, from_validation
from config.playbook_library.extending import whole

Document = TypeVar("Document")


def read_model(path: Path, model: type[Document], name: str = "") -> tuple[Document, Marked]:
    """Return the content of a file with its lines. Mistakes call it ``name``, if given. Raise PlaybookError."""
    file = name or path.name
    try:
        marked = whole(path, read_marked)
        return adapter(model).validate_python(marked.data), marked
    except MarkedError as error:
        raise PlaybookError([from_marked(error, file)]) from None
    except ValidationError as error:
        raise PlaybookError(from_validation(error, model, marked, file)) from None
    except (OSError, UnicodeDecodeError) as error:
        problem = f"it cannot be read ({error})"
        raise PlaybookError(
            [
                Mistake(
                    file=file,
                    line=0,
                    field="",
                    problem=problem,
                    mend="save it as UTF-8 text that this user may read",
                )
            ]
        ) from None
