"""Where calls are booked: a person's own page, else the company's; a changed team file reaches an unchanged CRM."""

from pathlib import Path
from typing import Any

import pytest

from database.onboardings import overview
from integrations.mail.message import EFFECT_HEADER

COMPANY, OWN = "https://book.vendor.example/us", "https://book.vendor.example/two"


def team(office: Any, folder: Path, *lines: str) -> None:
    path = folder / "team.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    office.setenv("FIRST90_TEAM", str(path))
    office.shut()


def pages(office: Any) -> set[str | None]:
    with office.context() as context, context.database.reading() as conn:
        return {owner.booking_url for owner in overview.owners(conn).values()}


@pytest.mark.slow
def test_the_companys_page_holds_from_the_next_run_on_and_goes_again(office: Any, tmp_path: Path) -> None:
    office.customer()
    office.run("2026-03-02T05:00")
    assert pages(office) == {None}
    with office.context() as context, context.database.reading() as conn:
        someone = next(iter(overview.owners(conn).values())).email
    team(office, tmp_path, f"booking_url: {COMPANY}", "members:", f"  - {{email: {someone}, roles: [csm]}}")
    office.run("2026-03-02T06:00")
    assert pages(office) == {COMPANY}
    team(
        office,
        tmp_path,
        f"booking_url: {COMPANY}",
        "members:",
        f"  - {{email: {someone}, roles: [csm], booking_url: '{OWN}'}}",
    )
    office.run("2026-03-02T07:00")
    assert pages(office) == {COMPANY, OWN}
    office.run("2026-03-02T10:00")
    (invitation,) = [one for one in office.mails if ":kickoff_invitation:" in str(one[EFFECT_HEADER])]
    assert "https://book.vendor.example/" in invitation.get_body(("plain",)).get_content()
    team(office, tmp_path, "members: []")
    office.run("2026-03-02T11:00")
    assert pages(office) == {None}
