"""The console that results are printed on; in a module of its own, so that rich is imported only where it is used."""

from typing import Any

from rich.console import Console
from rich.text import Text

from cli.control_characters import harmless


class SafeConsole(Console):
    """A console that prints no control characters; styles come from markup only."""

    def render_str(self, text: str, *args: Any, **kwargs: Any) -> Text:
        """Return styled text for a string; every print and every cell of a table calls this."""
        return super().render_str(harmless(text), *args, **kwargs)
