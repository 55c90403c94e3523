"""How many of those that a worker died with are tried at once: one of them may be what killed it.

Where the far side drops a repeat, many are tried in parts, each half of what is left. A part that passes clears all of
it; one that kills again leaves so many for a second look, which is one by one, and the third death tells. A few are
tried one by one at once: that finds what kills a death earlier. Elsewhere they always are.
"""

FEW = 40
"""From here on one by one takes longer than a second look at a part may. Ours."""

MOST = 300
"""In one part: what a second look one by one can do well inside one run. Ours."""

LEAST = 50
"""In one part, but for the last: fewer save no time. Ours."""


def next_part(left: int, at_first: int) -> int:
    """How many of ``left`` suspects of one death are tried at once, of ``at_first`` when the round began."""
    if at_first <= FEW:
        return 1
    return min(MOST, max(LEAST, -(-left // 2)))
