"""How many of the effects that a worker died with (suspects) are tried at once: one of them may have killed it.

Where the far side drops a repeat, many suspects are tried in parts, each half of what is left. A part that passes
clears all its members. A part that kills again is tried one by one, and the third death identifies the effect. A few
suspects are tried one by one from the start, which takes one death less. On other channels they always are.
"""

FEW = 40
"""Up to this many, one by one is quicker than trying a part twice. Our choice."""

MOST = 300
"""The largest part: as many as can be tried one by one well inside one run. Our choice."""

LEAST = 50
"""The smallest part but for the last: a smaller one saves no time. Our choice."""


def next_part(left: int, at_first: int) -> int:
    """Return how many suspects are tried at once: ``left`` are left of ``at_first`` when the run began."""
    if at_first <= FEW:
        return 1
    return min(MOST, max(LEAST, -(-left // 2)))
