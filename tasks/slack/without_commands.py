"""A refusal as a person in Slack reads it: without the command line, which they do not have there. Pure."""

import re

_COMMAND = re.compile(r"`first90 |(?<![\w-])--[a-z]")
_EXAMPLE = re.compile(r": [^;:]*(?<![\w-])--[a-z][^;]*")
_OPTION_FIRST = re.compile(r"^--[a-z-]+ (?=\S)")
_IN_SLACK = re.compile(r"`(first90 approvals)`")
"""Commands that `/first90` has too."""


def in_slack(refusal: str) -> str:
    """Return the text without the options that it begins with and without the mends that need a command line."""
    said = _IN_SLACK.sub(r"/\1", _OPTION_FIRST.sub("", refusal))
    first, *mends = _EXAMPLE.sub("", said).split("; ")
    return "; ".join([first, *(mend for mend in mends if not _COMMAND.search(mend))])
