"""The check that an activation is an event of the customer and not the vendor's work (GO-2)."""

import re

_WORK = re.compile(
    r"\b(set[\s-]?up|configur\w+|implement\w+|integrat\w+|onboard\w*|train(ed|ings?)?|kick[\s-]?off|migrat\w+|"
    r"install\w+|provision\w+|roll[\s-]?out|rolled out|(go(es|ne)?|went)[\s-]?live|deploy\w+|hand[\s-]?(off|over)|"
    r"workshops?|webinars?|enablement|welcome)\b"
)
"""What a vendor does for every customer."""
_ROUND_IT = re.compile(
    r"\b(complet\w+|finish\w*|done|ready|h[eo]ld|deliver\w*|attend\w*|performed|closed|conduct\w*|pass(ed)?|sent|send|"
    r"start\w*|call|meetings?|sessions?|steps?|wizard|checklist|e[\s-]?mails?|phase|project|customers?|clients?|users?|"
    r"everyone|everybody|people|teams?|admin(istrator)?s?|accounts?|workspaces?|tenants?|products?|software|platform|"
    r"system|instance|environment|data|licen[cs]es?|seats?|tool|get(s|ting)?|have|has|been|is|are|was|were|the|a|an|of|"
    r"for|all|our|us|their|with|by|in|on|to|and|first|successful\w*|fully)\b"
)
"""Words that may stand round it without making it something that the customer does."""


def is_vendor_work(text: str) -> bool:
    """Return whether a title or a signal's name tells nothing but work like "completed setup" or "kickoff held"."""
    plain = re.sub(r"[_./:-]+", " ", text.casefold())
    return bool(_WORK.search(plain)) and not re.search(r"\w", _ROUND_IT.sub(" ", _WORK.sub(" ", plain)))
