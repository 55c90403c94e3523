"""A command group that reads a command's module only when that command is asked for, so that it answers at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command lives: ``module:function``, or ``module:app`` for a group, and under which heading it
    is shown."""

    target: str
    panel: str


class LazyGroup(TyperGroup):
    """The top of the command line. ``places`` is the whole table of contents."""

    places: Mapping[str, Place] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands in the order of the table."""
        return list(self.places)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Read the command's module and build it, or None if there is no such command."""
        place = self.places.get(cmd_name)
        if place is None:
            return None
        if cmd_name not in self.commands:
            module, _, name = place.target.partition(":")
            found = getattr(import_module(module), name)
            if not isinstance(found, typer.Typer):
                single = typer.Typer(add_completion=False, rich_markup_mode="rich")
                single.command(cmd_name)(found)
                found = single
            command: Any = typer.main.get_command(found)
            command.name = cmd_name
            command.rich_help_panel = place.panel
            self.commands[cmd_name] = command
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As usual; a misspelt name is answered with the nearest known one, which needs all names."""
        if args and args[0] not in self.places:
            for name in self.places:
                self.commands.setdefault(name, None)  # type: ignore[arg-type]
        return super().resolve_command(ctx, args)


class DefaultsToList(TyperGroup):
    """A group that lists when no subcommand is named: ``first90 effects KEY`` beside ``first90 effects
    retry ID``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the hidden word ``list`` before anything that is not a subcommand."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)
