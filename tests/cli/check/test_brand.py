"""The company in the mails: one's own by ``FIRST90_BRAND``, the sample's for the sample alone."""

from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_export import export

First90 = Callable[..., Any]
MONDAY = ("--as-of", "2026-03-02T09:00Z")
OWN = """name: Häuser & Söhne
postal: Hauptstr. 1, 10115 Berlin
logo: https://haeuser.example/logo.png
colour: "#123abc"
privacy: https://haeuser.example/privacy
language: fr
"""


@pytest.fixture
def own_crm(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set a CRM that is not the sample, and a fresh home."""
    export(tmp_path / "export")
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'export'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "export" / "team.yaml"))
    return empty_home


def parts(home: Path) -> list[tuple[str, str]]:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (home / "mail/new").iterdir()]
    found = [(mail.get_body(("plain",)), mail.get_body(("html",))) for mail in mails]
    return [(text.get_content(), html.get_content()) for text, html in found if text and html]


def written(tmp_path: Path, text: str) -> str:
    (tmp_path / "brand.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path / "brand.yaml")


@pytest.mark.slow
def test_mails_name_the_company_of_the_brand_file_and_never_the_samples(
    own_crm: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_BRAND", written(tmp_path, OWN))
    assert first90("run", "--plain", *MONDAY).code == 0
    mails = parts(own_crm)
    assert mails
    for text, html in mails:
        assert "a customer of Häuser & Söhne" in text.replace("\n", " ")
        assert "Hauptstr. 1, 10115 Berlin" in text
        assert "https://haeuser.example/privacy" in text
        assert "Northbeam Ltd" not in text + html
        assert '<html lang="en"' in html, "there are no French templates"
        assert 'src="https://haeuser.example/logo.png"' in html
        assert "border-top:4px solid #123abc" in html
        assert "Häuser &amp; Söhne" in html
        assert 'class="f90-button"' not in html or 'bgcolor="#123abc" class="f90-button"' in html


@pytest.mark.slow
def test_without_a_brand_no_company_is_named_in_a_crm_of_ones_own(own_crm: Path, first90: First90) -> None:
    assert first90("run", "--plain", *MONDAY).code == 0
    mails = parts(own_crm)
    assert mails
    assert all("our customer" in text and "Northbeam Ltd" not in text + html for text, html in mails)


@pytest.mark.slow
def test_the_sample_has_the_samples_company(home: Path) -> None:
    mails = parts(home)
    assert mails
    assert all("a customer of Northbeam" in text.replace("\n", " ") for text, _ in mails)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("postal: Street 1, Town\n", "name"),
        ("name: Acme\n", "postal"),
        (OWN.replace("#123abc", "blue"), "colour"),
        (OWN.replace("https://haeuser.example/logo.png", "javascript:alert(1)"), "logo"),
        (OWN.replace("https://haeuser.example/privacy", "http://haeuser.example"), "privacy"),
        (OWN + "slogan: We care\n", "slogan"),
        (OWN.replace("postal:", "postl:"), "did you mean 'postal'"),
    ],
)
def test_a_brand_that_cannot_be_used_is_told_before_anything_happens(
    text: str, field: str, own_crm: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_BRAND", written(tmp_path, text))
    said = first90("check", "--json")
    assert [(one["what"], field in one["said"]) for one in said.json if not one["ok"]] == [("brand", True)]
    ran = first90("run", "--plain")
    assert ran.code == 2
    assert field in ran.err
    assert not own_crm.exists()


@pytest.mark.slow
def test_check_warns_while_the_brand_is_missing_and_mail_is_real(
    own_crm: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warned() -> list[str]:
        return [one["said"] for one in first90("check", "--json").json if one["what"] == "brand" and one["warning"]]

    assert warned() == [], "a Maildir is not real"
    monkeypatch.setenv("FIRST90_MAIL", "smtp://127.0.0.1:1?starttls=never")
    assert "FIRST90_BRAND" in warned()[0]
    monkeypatch.setenv("FIRST90_BRAND", written(tmp_path, OWN))
    assert warned() == []
    monkeypatch.setenv("FIRST90_BRAND", written(tmp_path, OWN.replace("#123abc", "#ffcc00")))
    assert "#ffcc00 is too light for text on white" in warned()[0]
