"""MkDocs hooks: pages that are made of the code, pages that stand outside docs/, and links that lead there."""

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from reference import PAGES  # noqa: E402

OUTSIDE = {"CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
"""Pages of the repository's own folder, by their place in the site."""
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file of docs/ holds."""
    for place, make in PAGES.items():
        files.append(File.generated(config, place, content=make()))
    for name, place in OUTSIDE.items():
        files.append(File.generated(config, place, content=_moved((ROOT / name).read_text(encoding="utf-8"))))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lead links out of docs/ to the page in the site; what has none there is named without a link."""
    here = posixpath.dirname(page.file.src_uri)

    def led(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        outside = posixpath.normpath(posixpath.join(here, target))
        if not outside.startswith("../"):
            return found[0]
        place = OUTSIDE.get(outside.removeprefix("../"))
        return f"[{words}]({posixpath.relpath(place, here or '.')}{anchor})" if place else words

    return LINK.sub(led, markdown)


def _moved(markdown: str) -> str:
    """Return a page of the repository's folder as it stands in docs/."""

    def led(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        if target in OUTSIDE:
            return f"[{words}]({OUTSIDE[target]}{anchor})"
        return f"[{words}]({target.removeprefix('docs/')}{anchor})" if target.startswith("docs/") else words

    return LINK.sub(led, markdown)
