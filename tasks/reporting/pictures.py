"""The report's pictures as inline SVG, with the page's colours, so that they follow its dark mode.

matplotlib is imported where a picture is drawn, so that no other command pays for it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from onboarding.metrics.estimates import Curve, steps
from onboarding.metrics.page.sections import StageClock
from onboarding.model.vocabulary import Side

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"#010101": "--text", "#020202": "--soft", "#030303": "--edge"}
"""Colours used in drawing, and the page's colours that replace them."""
SERIES = ("#0a0001", "#0a0002", "#0a0003", "#0a0004")
COLOURS |= {colour: f"--series-{number}" for number, colour in enumerate(SERIES, start=1)}
TEXT, SOFT, EDGE = "#010101", "#020202", "#030303"
SIDES = {Side.VENDOR: "us", Side.CUSTOMER: "customer", Side.THIRD_PARTY: "third party"}
Draw = Callable[["Axes"], None]
STYLES = ("-", "--", ":", "-.")
"""Line styles, which can be told apart on paper and without colours."""


def curve_picture(curves: Mapping[str, Curve], until: float) -> str:
    """Return how many have not reached value yet by days since the signature, a curve a group with its 95 % band."""

    def draw(axes: "Axes") -> None:
        for number, (name, curve) in enumerate(curves.items()):
            colour = SERIES[number % len(SERIES)]
            corners = steps(curve, until)
            axes.plot(*zip(*corners, strict=True), color=colour, linestyle=STYLES[number % 4], label=name)
            if curve.days and len(curves) <= 3:
                days = [*curve.days, max(until, curve.days[-1])]
                low, high = [*curve.low, curve.low[-1]], [*curve.high, curve.high[-1]]
                axes.fill_between(days, low, high, step="post", color=colour, alpha=0.13, linewidth=0)
        axes.axhline(0.5, color=EDGE, linewidth=0.8)
        axes.set_ylim(0, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("days since the signature", color=SOFT)
        axes.set_ylabel("not there yet", color=SOFT)
        axes.legend(frameon=False, labelcolor=TEXT, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))

    return _both("curve", draw, wide=(7.2, 3.6), narrow=(4.0, 3.4))


def clock_picture(found: Sequence[StageClock]) -> str:
    """Return the mean working days in each stage, parted by whose move it was."""

    def draw(axes: "Axes") -> None:
        names = [f"{one.stage.value.replace('_', ' ')} ({one.accounts})" for one in found][::-1]
        start = [0.0] * len(found)
        for number, (side, name) in enumerate(SIDES.items()):
            width = [one.days[side] for one in found][::-1]
            axes.barh(names, width, left=start, color=SERIES[number], label=name, height=0.62)
            start = [before + days for before, days in zip(start, width, strict=True)]
        axes.set_xlabel("working days, mean of the accounts in brackets", color=SOFT)
        axes.legend(frameon=False, labelcolor=TEXT, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))

    high = 0.9 + 0.42 * len(found)
    return _both("clock", draw, wide=(7.2, high), narrow=(4.0, high + 0.3))


def _both(name: str, draw: Draw, *, wide: tuple[float, float], narrow: tuple[float, float]) -> str:
    """Return the picture twice, in inches: the page's style sheet shows the narrow one on a phone, where the words of
    the wide one would be too small to read."""
    return _svg(name, wide, draw) + _svg(f"{name}-narrow", narrow, draw)


def _svg(name: str, size: tuple[float, float], draw: Draw) -> str:
    """Return one picture; the same figures give the same bytes."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 10}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        axes.tick_params(colors=SOFT, labelcolor=TEXT, length=0)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(EDGE)
        out = StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _for_page(out.getvalue(), name)


def _for_page(svg: str, name: str) -> str:
    """Return the picture for the page: without the file's head, with the page's colours and fonts, in full width."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'^<svg ([^>]*?)height="[^"]*"', r"<svg \1", svg)
    kind = "picture narrow" if name.endswith("-narrow") else "picture wide"
    svg = re.sub(r'^<svg ([^>]*?)width="[^"]*"', rf'<svg \1role="presentation" class="{kind}"', svg)
    for colour, variable in COLOURS.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    return re.sub(r'id="(\w+_\d+)"', rf'id="{name}_\1"', svg)
