"""The console that answers are printed on; a module of its own, so that rich is loaded only where it is needed."""

from typing import Any

from rich.console import Console
from rich.text import Text

from cli.control_characters import harmless


class SafeConsole(Console):
    """A console on which no printed text steers the terminal; styles come from markup alone."""

    def render_str(self, text: str, *args: Any, **kwargs: Any) -> Text:
        """Make styled text out of a string, as every print and every cell of a table does."""
        return super().render_str(harmless(text), *args, **kwargs)
