"""A command group that imports a command's module only when that command is run, so that it starts at once."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from cli.authorized import authorized
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True)
class CommandTarget:
    """The target of a command (``module:function``, or ``module:app`` for a group) and its heading in the help."""

    target: str
    panel: str


class LazyGroup(TyperGroup):
    """The group of all commands; ``places`` lists them."""

    places: Mapping[str, CommandTarget] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands in the order of the table."""
        return list(self.places)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the command's module and return the command; None if there is no such command."""
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
            _authorize(command, cmd_name)
            self.commands[cmd_name] = command
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Resolve a command. For a misspelt one all names are registered, so that Click suggests the nearest."""
        if args and args[0] not in self.places:
            for name in self.places:
                self.commands.setdefault(name, None)  # type: ignore[arg-type]
        return super().resolve_command(ctx, args)


def _authorize(command: Any, path: str) -> None:
    """Put the question whether the person may before a command, or before each command of a group."""
    if isinstance(command, TyperGroup):
        for name, one in command.commands.items():
            _authorize(one, f"{path} {name}")
    else:
        command.callback = authorized(path, command.callback)


class DefaultsToList(TyperGroup):
    """A group whose default subcommand is ``list``: ``first90 effects KEY`` beside ``first90 effects retry ID``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments, with ``list`` put before anything that is not a subcommand."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)
