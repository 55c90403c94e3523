"""A fault of our own code in words that may be kept and shown: its kind and its place, never its text."""

import traceback
from pathlib import Path


def kind_and_place(error: Exception) -> str:
    """Such as ``KeyError in letters.py:108``. The text of an error can hold anything, a customer's name too."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
