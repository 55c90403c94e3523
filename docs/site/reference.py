"""The reference pages, made of the code whenever the site is built: command line, settings, playbook schema."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from cli.main import app
from config.playbook_library.library import schema_text
from config.settings.variables import SECRETS, VARIABLES, variable

MADE = "Made of the code when the site is built.\n"


def command_line() -> str:
    """Return the page with the help of every command."""
    runner, parts = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}), ["# Command line", MADE]
    for words in _commands(get_command(app), ()):
        said = runner.invoke(app, [*words, "--help"], prog_name="first90", color=False).output
        name = " ".join(("first90", *words))
        parts.append(f"{'#' * min(2 + len(words[:-1]), 3)} {name}\n\n```text\n{said.strip()}\n```\n")
    return "\n".join(parts)


def settings() -> str:
    """Return the page with every variable of the environment."""
    rows = [
        f"| `{variable(name)}` | {_cell(meaning)} | {'yes' if name in SECRETS else ''} |"
        for name, meaning in VARIABLES.items()
    ]
    return "\n".join(
        [
            "# Settings",
            MADE,
            "Variables of the environment, or lines of a file `.env` in the project's folder; the environment takes "
            "precedence. All are optional. A secret may also be named by a file: the variable with `_FILE` at its end. "
            "`first90 check` shows what is set and finds what is misspelt.\n",
            "| variable | meaning | secret |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def playbook_schema() -> str:
    """Return the page with every key of a playbook."""
    schema = json.loads(schema_text())
    parts = ["# Playbook schema", MADE, "`first90 playbook schema` prints the same as JSON Schema, for editors.\n"]
    for name, one in ({"Playbook": schema} | schema.get("$defs", {})).items():
        fields = one.get("properties", {})
        if not fields:
            parts.append(f"## {name}\n\n{one.get('description', '')}\n\n{_type(one)}\n")
            continue
        parts.append(
            f"## {name}\n\n{one.get('description', '')}\n\n| key | value | needed | meaning |\n|---|---|---|---|"
        )
        needed = one.get("required", ())
        parts += [
            f"| `{key}` | {_cell(_type(field))} | {'yes' if key in needed else ''} | {_cell(_meaning(field))} |"
            for key, field in fields.items()
        ]
        parts.append("")
    return "\n".join(parts)


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/command-line.md": command_line,
    "reference/settings.md": settings,
    "reference/playbook-schema.md": playbook_schema,
}


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not hasattr(command, "list_commands"):
        yield words
        return
    context = command.context_class(command)
    if words:
        yield words
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None and not found.hidden:
            yield from _commands(found, (*words, name))


def _type(field: Mapping[str, Any]) -> str:
    """Return the type of a key in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.casefold()})"
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"])
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in field:
            return " or ".join(_type(one) for one in field[several] if one.get("type") != "null")
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))


def _meaning(field: Mapping[str, Any]) -> str:
    return str(field.get("description", ""))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
