"""Control characters in data from outside, which would steer a terminal."""

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")
del _CONTROLS[ord("\n")], _CONTROLS[ord("\t")]


def harmless(text: str) -> str:
    """Return the text without control characters, which could steer a terminal (its title, keys, colours)."""
    return text if text.isprintable() else text.translate(_CONTROLS)
