"""The check that a goal is measurable, and what it lacks if it is not (GO-1, GO-2)."""

import math
import re
from datetime import date, datetime

from onboarding.dates.limits import YEARS, in_years
from onboarding.sentences.sentence import sentence

_WORK = re.compile(
    r"\b(set[\s-]?up|configur\w+|implement\w+|integrat\w+|onboarding|trainings?|kick[\s-]?off|migrat\w+|"
    r"install\w+|provision\w+|roll[\s-]?out|go[\s-]?live|deploy\w+|import\w*)\b",
    re.IGNORECASE,
)
_FINISHED = re.compile(
    r"\b(complet\w+|finish\w*|done|ready|held|deliver\w*|attend\w*|sessions?|performed|closed|conducted)\b",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"\b(the|a|an|of|is|are|for|all|our|us|and|number|rate|status|with|project|phase)\b", re.IGNORECASE
)
_EMPTY_PHRASE = re.compile(
    r"\b(get|getting|be|being|become|make|have|the|a|as|our|us|team|users?|everyone|more|fully|soon|possible|"
    r"up and running|success|successful|happy|happier|better|good|value|productive|best|use|full|"
    r"potential)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?|[+-]?\d{1,3}([ ,]\d{3})+(\.\d+)?")


def lint_goal(metric: str, baseline: object, target: object, unit: str, due: object) -> str | None:
    """Return what keeps this from being a measurable goal, in words; None if it is one."""
    metric = metric.strip()
    if not re.search(r"\w", metric):
        return sentence("problems.lacks_metric")
    if _is_our_work(metric):
        return sentence("problems.lacks_outcome", metric=metric)
    if _is_empty_phrase(metric):
        return sentence("problems.lacks_measure", metric=metric)
    for what, value in (("baseline", baseline), ("target", target)):
        if value is None or not str(value).strip():
            return sentence(f"problems.lacks_{what}")
        if number_in(value) is None:
            return sentence(f"problems.{what}_no_number", value=str(value).strip())
    if number_in(baseline) == number_in(target):
        return sentence("problems.lacks_change")
    if not unit.strip():
        return sentence("problems.lacks_unit")
    if due is None or not str(due).strip():
        return sentence("problems.lacks_date")
    day = day_in_text(due)
    if day is None:
        return sentence("problems.date_unknown", value=str(due).strip())
    if not in_years(day):
        return sentence("problems.date_out_of_years", value=str(due).strip(), first=str(YEARS[0]), last=str(YEARS[-1]))
    return None


def _is_our_work(metric: str) -> bool:
    """Return whether it is work of the vendor ("completed setup", "go-live") and not a metric ("setup time per
    quote")."""
    if not _WORK.search(metric):
        return False
    rest = _FILLERS.sub(" ", _FINISHED.sub(" ", _WORK.sub(" ", metric)))
    return not re.search(r"\w", rest)


def _is_empty_phrase(metric: str) -> bool:
    """Return whether nothing countable is named, as in "get up and running" or "be successful"."""
    return not re.search(r"\w", _EMPTY_PHRASE.sub(" ", metric))


def number_in(value: object) -> float | None:
    """Return a value, or the number in its text, as a number; None if there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    text = str(value).strip()
    return float(text.replace(",", "").replace(" ", "")) if _NUMBER.fullmatch(text) else None


def day_in_text(value: object) -> date | None:
    """Return a value, or the date in its text, as a day; None if there is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        return None
