"""Renders pages with Jinja templates that escape all values, under a policy that admits their own style sheet alone."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


class PageTemplates:
    """The templates of a folder, with one style sheet that stands in each page. Each is compiled at its first use."""

    def __init__(self, folder: Path, style: str, filters: Mapping[str, Callable[..., object]]) -> None:
        self._folder = folder
        self._style = style
        self._filters = filters

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Return one page. Raises UndefinedError where a template uses a value that is not given."""
        return self._environment.get_template(template).render(values)

    @cached_property
    def policy(self) -> str:
        """Return the Content-Security-Policy of pages with this style sheet, whose images stand in the page."""
        return content_policy(self.sheet, "data:")

    @cached_property
    def sheet(self) -> str:
        """Return the style sheet, which a template gets as ``style`` unless the values hold another."""
        return (self._folder / self._style).read_text(encoding="utf-8")

    @cached_property
    def _environment(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(self._folder),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        made.globals["style"] = self.sheet
        made.filters |= self._filters
        return made


def content_policy(style: str, images: str = "") -> str:
    """Return the Content-Security-Policy of a page: its own style sheet, no script, images from this source alone."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    source = f" img-src {images};" if images else ""
    return (
        f"default-src 'none'; style-src 'sha256-{digest}';{source} form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
