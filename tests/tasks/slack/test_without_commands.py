"""No refusal names a command line to a person in Slack, and each still says what is wrong."""

import re
from pathlib import Path

import pytest

from tasks.slack.without_commands import in_slack

ROOT = Path(__file__).parents[3]
COMMAND = re.compile(r"(?<!/)\bfirst90 [a-z]|(?<![\w-])--[a-z]")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("--due 2020-03-01 lies before the signature", "2020-03-01 lies before the signature"),
        ("it is on hold already; `first90 resume` ends that", "it is on hold already"),
        ("no request 'x'; `first90 approvals` lists those", "no request 'x'; /first90 approvals lists those"),
        ("it needs a currency: --money 85 --currency EUR", "it needs a currency"),
        ("this conflict was decided since; leave --at out to raise it once more", "this conflict was decided since"),
        ("choose a day after today", "choose a day after today"),
        ("Ebb--Flow is on hold; ask Jo", "Ebb--Flow is on hold; ask Jo"),
    ],
)
def test_a_refusal_keeps_what_is_wrong_and_loses_the_command(told: str, said: str) -> None:
    assert in_slack(told) == said


def test_every_refusal_of_the_code_that_slack_can_meet_reads_without_a_command() -> None:
    folders = (ROOT / "tasks/commands", ROOT / "tasks/approvals", ROOT / "onboarding/own_tasks")
    paths = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    paths += [ROOT / "tasks/clashes.py", ROOT / "tasks/profiles.py"]
    refused = re.compile(r'Refused\(\s*f?"([^"]+)"\s*\)')
    texts = [text for path in paths for text in refused.findall(path.read_text(encoding="utf-8"))]
    assert len([text for text in texts if COMMAND.search(text)]) > 10, "the code has such texts"
    assert [text for text in texts if COMMAND.search(in_slack(text))] == []
    assert all(in_slack(text) for text in texts)
