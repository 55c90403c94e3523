"""Renders pages of the board."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from onboarding.model.phrases import (
    day_words,
    moment_words,
    name_words,
    near_day_words,
    role_words,
    side_words,
    stage_words,
)
from onboarding.model.vocabulary import Stage
from web.rendering import PageTemplates


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return one page. Raises UndefinedError where a template uses a value that is not given."""
    return _PAGES.render(template, values)


def style_policy() -> str:
    """Return the Content-Security-Policy of these pages: their own style sheet, no script, nothing from elsewhere."""
    return _PAGES.policy


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
    "near_day": lambda at, now: near_day_words(_instant(at), now) if at else "",
    "instant": _instant,
    "iso": lambda at: _instant(at).isoformat().replace("+00:00", "Z"),
}
_PAGES = PageTemplates(Path(__file__).parent / "templates", "board.css", _FILTERS)
