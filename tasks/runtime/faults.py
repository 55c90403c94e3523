"""An error of our own code in words that may be kept and shown: its type and its place, never its text."""

import traceback
from pathlib import Path


def kind_and_place(error: Exception) -> str:
    """Return type and place, such as ``KeyError in letters.py:108``. The error's text can hold a customer's name."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
