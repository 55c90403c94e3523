"""A resource opened from the plan page is a signal where the brand allows it: a press, no scanner, no other site."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from database.tables import SignalRow
from tasks.commands import facts as commands
from tests.web.test_plan_answers import page, record

GUIDE, ADMIN = "https://docs.vendor.example/guide", "https://docs.vendor.example/admin"
RESOURCES = f"""
resources:
  - {{title: "A guide & more", kind: guide, links: {{en: "{GUIDE}"}}, topic: end_user_training}}
  - {{title: Configuration, kind: document, links: {{en: "{ADMIN}"}}, topic: admin_configuration}}
"""
BRAND = "name: Northbeam\npostal: 1 Example Quay, Bristol\n"


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Callable[..., Any]) -> Callable[..., Any]:
    """Serve the plan page with two resources, under a brand that counts or does not."""

    def serve(*, counts: bool) -> Any:
        for name, text in (("RESOURCES", RESOURCES), ("BRAND", BRAND + (f"count_opens: {str(counts).lower()}\n"))):
            path = tmp_path / f"{name.lower()}.yaml"
            path.write_text(text, encoding="utf-8")
            monkeypatch.setenv(f"FIRST90_{name}", str(path))
        return served()

    return serve


def ids(face: Any, person: int = 1) -> list[str]:
    return re.findall(r'action="[^"]*/open/([0-9a-f]{12})"', face.get(page(face, person)).text)


def counted(face: Any) -> list[tuple[str, str, str | None]]:
    with face.context.database.reading() as conn:
        return [(row.name, row.user, row.account_id) for row in conn.execute(select(SignalRow)).all()]


def test_a_press_counts_once_a_day_and_leads_to_the_resource(shown: Callable[..., Any]) -> None:
    face = shown(counts=True)
    guide, _ = ids(face)
    for _ in range(2):
        said = face.post(f"{page(face)}/open/{guide}", data={})
        assert (said.status_code, said.headers["Refresh"]) == (200, f"0; url={GUIDE}")
    assert counted(face) == [("resource_opened", "person1@acme.example", "001A")]
    assert face.post(f"{page(face, 2)}/open/{guide}", data={}).headers["Refresh"] == f"0; url={GUIDE}"
    assert [user for _, user, _ in counted(face)] == ["person1@acme.example", "person2@acme.example"]
    assert any(line == "signal: A guide & more" for line in face.journal())


@pytest.mark.slow
def test_what_opens_every_link_counts_nothing(shown: Callable[..., Any]) -> None:
    face = shown(counts=True)
    (guide, _) = ids(face)
    for link in (f"{page(face)}/open/{guide}", *re.findall(r'href="([^"#]+)"', face.get(page(face)).text)):
        if not link.startswith(("https:", "mailto:")):
            face.get(link if link.startswith("/") else f"/p/{link}")
    assert counted(face) == []


def test_only_what_the_resource_file_has_and_the_reader_may_get_is_opened(shown: Callable[..., Any]) -> None:
    face = shown(counts=True)
    _, admin = ids(face)
    record(face, commands.record_stakeholder, "person3@acme.example", "end_user")
    assert admin not in ids(face, 3)
    for person, wanted in ((3, admin), (1, "0" * 12), (1, "https:%2F%2Fevil.example"), (1, f"{admin}x")):
        said = face.post(f"{page(face, person)}/open/{wanted}", data={})
        assert (said.status_code, said.headers.get("Refresh")) == (404, None), wanted
    far = face.post(f"{page(face)}/open/{admin}", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (far.status_code, far.headers.get("Refresh")) == (403, None)
    assert face.post("/p/no.such.link/open/" + admin, data={}).status_code == 404
    assert counted(face) == []


def test_where_the_brand_does_not_allow_it_links_lead_there_and_nothing_is_counted(shown: Callable[..., Any]) -> None:
    face = shown(counts=False)
    assert ids(face) == []
    assert f'href="{GUIDE}"' in face.get(page(face)).text
