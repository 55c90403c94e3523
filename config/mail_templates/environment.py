"""The environment in which templates are compiled: sandboxed, strict, and with the forms of the mail's language."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, nodes, pass_context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_TEXTS = 2048
"""Compiled templates that a process keeps: far above those of all languages and playbooks. This project's choice."""

Finalize = Callable[[Any], str] | None


@lru_cache(maxsize=MOST_TEXTS)
def compiled(finalize: Finalize, text: str) -> Template:
    """Return a template that is ready to render, cached by its text: a check and a run read the same ones. Raise
    TemplateSyntaxError."""
    return environment(finalize).from_string(text)


def parsed(finalize: Finalize, text: str) -> nodes.Template:
    """Return the syntax tree of a template. Raise TemplateSyntaxError."""
    return environment(finalize).parse(text)


@cache
def environment(finalize: Finalize) -> ImmutableSandboxedEnvironment:
    """Return an environment; ``finalize`` makes every value safe in its place, None: values are escaped for HTML."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=finalize is None,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.clear()
    made.filters |= {"plural": _plural, "number": _number}
    return made


@pass_context
def _plural(names: Any, count: int, one: str, other: str, **more: str) -> str:
    """``{{ n|plural('day', 'days') }}``; languages of further forms name them: ``zero``, ``two``, ``few``, ``many``."""
    return {"one": one, "other": other, **more}.get(names["language"].formats.plural(count), other)


@pass_context
def _number(names: Any, value: float) -> str:
    """``{{ n|number }}``: in the form of the mail's language."""
    return str(names["language"].formats.number(value, 0 if isinstance(value, int) else None))
