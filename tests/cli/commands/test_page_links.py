"""Links that are printed can be copied: however long they are, each stands whole on a line of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]
CUSTOMER = "Nordlicht Optik GmbH"
PERSON = "jurgen.mullerludenscheidt@nordlicht-optik.example"


@pytest.mark.parametrize(
    ("command", "path"),
    [(("plan-link", CUSTOMER, "--person", PERSON), "/p/"), (("board", "--by", "jo@x.example"), "/board")],
)
def test_a_link_is_printed_whole(
    command: tuple[str, ...], path: str, home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://onboarding.customers-of-northbeam.example"
    monkeypatch.setenv("FIRST90_PUBLIC_URL", address)
    monkeypatch.setenv("FIRST90_LINK_SECRET", "s" * 40)
    said = first90(*command)
    assert said.code == 0, said.err
    link = said.out.splitlines()[-1]
    assert link.startswith(address + path)
    assert first90(*command, "--json").json["url"].startswith(address + path)
    assert len(link) > 80
