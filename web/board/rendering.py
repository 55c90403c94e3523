"""Renders pages of the board with Jinja templates that escape all values."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from onboarding.model.phrases import day_words, moment_words, name_words, role_words, side_words, stage_words
from onboarding.model.vocabulary import Stage

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return one page. Raises UndefinedError where a template uses a value that is not given."""
    return _environment().get_template(template).render(values)


@cache
def style_policy() -> str:
    """Return the Content-Security-Policy of these pages: their own style sheet, no script, nothing from elsewhere."""
    style = (TEMPLATES / "board.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["style"] = (TEMPLATES / "board.css").read_text(encoding="utf-8")
    made.filters |= _FILTERS
    return made


def _day(at: datetime | str | None) -> str:
    return day_words(_instant(at)) if at else ""


def _instant(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


_FILTERS: Mapping[str, Callable[..., object]] = {
    "day": _day,
    "moment": lambda at: moment_words(_instant(at)),
    "words": name_words,
    "stage": lambda name: stage_words(Stage(name)),
    "side": side_words,
    "role": role_words,
    "short_day": lambda at: f"{_instant(at):%-d %b}" if at else "",
    "instant": _instant,
    "iso": lambda at: _instant(at).isoformat().replace("+00:00", "Z"),
}
