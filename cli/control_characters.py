"""Control characters in data from outside, which would steer a terminal."""

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")
del _CONTROLS[ord("\n")], _CONTROLS[ord("\t")]


def harmless(text: str) -> str:
    """The text without control characters: data from outside never steers a terminal (its title, keys, colours)."""
    return text if text.isprintable() else text.translate(_CONTROLS)
