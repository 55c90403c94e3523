"""The board of the sample: for our own people alone, whole, and as safe as what it shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from database.tables import EffectRow
from onboarding.effects.payloads import MailPayload
from onboarding.metrics.period import Period
from tasks.reporting.publish import publish, stored_report
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.runtime.scope import ALL_ACCOUNTS
from tasks.views.readers import board_url, reader_of, revoke
from tests.builders.statements import watching
from tests.builders.tiers import BUNDLED_TIERS
from tests.stories.conftest import Aftermath
from web.board.files import NotOurs, write_board

MIA = "mia@northbeam.example"


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


@pytest.fixture
def browser(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, timeout=30, verify=False) as client:
        yield client


def _link(context: RunContext, reader: str = MIA) -> str:
    url = urlsplit(board_url(context, reader, present(context)))
    return f"/board?{url.query}"


def test_without_a_link_or_a_login_it_says_how_to_get_one(browser: httpx.Client) -> None:
    for path in ("/board", "/board/0065fQw00000120ABA", "/board/x/message/y", "/board?link=guess"):
        answer = browser.get(path)
        assert answer.status_code == 401
        assert "first90 board" in answer.text
        assert "northbeam" not in answer.text


@pytest.mark.slow
def test_a_link_opens_the_board_and_the_pages_under_it(
    context: RunContext, browser: httpx.Client, seen: Aftermath
) -> None:
    opened = browser.get(_link(context))

    assert opened.status_code == 200
    assert f"opened by {MIA}" in opened.text
    cookie = opened.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/onboarding/board"))
    token = _link(context).partition("link=")[2]
    for line in seen.lines:
        if line["status"] in ("active", "on_hold"):
            page = browser.get(f"/board/{line['deal_id']}", headers={"Cookie": f"first90_board={token}"})
            assert page.status_code == 200
            assert "Everything that happened" in page.text


def test_a_revoked_link_and_one_of_another_purpose_open_nothing(context: RunContext, browser: httpx.Client) -> None:
    link = _link(context, "leaver@northbeam.example")
    assert browser.get(link).status_code == 200

    assert revoke(context, "leaver@northbeam.example")

    assert browser.get(link).status_code == 401
    assert browser.get(_link(context, "leaver@northbeam.example")).status_code == 200
    assert reader_of(context, _link(context).partition("link=")[2], present(context)) == MIA


def test_a_proxy_that_logs_people_in_opens_it(browser: httpx.Client) -> None:
    answer = browser.get("/board", headers={"X-Forwarded-Email": "kim@northbeam.example"})
    assert answer.status_code == 200
    assert "opened by kim@northbeam.example" in answer.text


def test_filters_narrow_it_and_an_old_bookmark_does_no_harm(
    context: RunContext, browser: httpx.Client, seen: Aftermath
) -> None:
    login = {"X-Forwarded-Email": MIA}
    stalled = [line for line in seen.lines if line["stalled_since"] and line["status"] == "active"]

    page = browser.get("/board?attention=stalled", headers=login).text

    assert len(re.findall(r'class="card[ "]', page)) == len(stalled)
    assert browser.get("/board?stage=nonsense&page=-3&attention=%00", headers=login).status_code == 200
    assert "No onboarding matches" in browser.get("/board?stage=setup&text=zzz", headers=login).text


@pytest.mark.parametrize(
    ("query", "said", "matches"),
    [
        ("tier=gold", "No customer has the tier gold.", False),
        ("tier=unknown&stage=setup", "No customer has the tier unknown.", False),
        ("tier=%20HIGH", "", True),
        ("owner=nobody@northbeam.example", "No customer is nobody@northbeam.example&#39;s.", False),
        ("health=purple", "“purple” is no health here, so it does not narrow: health is green, yellow, red or", True),
        ("attention=%3Cb%3E&stage=nonsense", "“&lt;b&gt;” is no attention here", True),
        ("stage=nonsense", "“nonsense” is no stage here", True),
        ("stage=Setup&health=RED", "", False),
    ],
)
def test_the_board_says_what_a_value_that_it_does_not_know_does(
    browser: httpx.Client, query: str, said: str, matches: bool
) -> None:
    page = browser.get(f"/board?{query}", headers={"X-Forwarded-Email": MIA})
    assert page.status_code == 200
    assert said in page.text
    assert ("so it does not narrow" in page.text) is ("does not narrow" in said or "is no " in said)
    assert bool(re.search(r'class="card[ "]', page.text)) is matches
    if query.startswith("tier=gold"):
        assert re.search(r"<option selected>gold</option>", page.text), "the form shows by what it is narrowed"


def test_names_from_the_crm_are_text_and_no_script_is_there(context: RunContext, browser: httpx.Client) -> None:
    page = browser.get("/board", headers={"X-Forwarded-Email": MIA})

    assert "&lt;!channel&gt; &amp; Co" in page.text
    assert "<script" not in page.text
    policies = page.headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "script-src" not in policies[0]
    assert "default-src 'none'" in policies[0]


def test_a_mail_is_shown_as_it_left_but_its_unsubscribe_link_cannot_be_pressed(
    context: RunContext, browser: httpx.Client, seen: Aftermath
) -> None:
    mail = next(line for line in seen.effects if line["channel"] == "mail" and line["state"] == "sent")
    link = "https://first90.northbeam.example/u/secret-of-the-reader"
    sent = MailPayload(
        key=mail["key"],
        to="reader@customer.example",
        sender=MIA,
        subject="Hello",
        text=f"bye {link}",
        html=f"<a href='{link}'>bye</a>",
        date=present(context),
        unsubscribe_url=link,
    )
    with context.database.writing() as conn:
        conn.execute(update(EffectRow).where(EffectRow.key == mail["key"]).values(payload=json.dumps(sent.stored())))
    login, path = {"X-Forwarded-Email": MIA}, f"/board/{mail['deal_id']}/message/{mail['key']}"

    page, own = browser.get(path, headers=login), browser.get(f"{path}?as=html", headers=login)

    assert "Hello" in page.text
    assert "secret-of-the-reader" not in page.text + own.text
    assert own.headers.get_list("content-security-policy") == [
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    ]
    assert browser.get(f"/board/another/message/{mail['key']}", headers=login).status_code == 404


@pytest.mark.slow
def test_as_files_every_link_leads_to_a_file(context: RunContext, tmp_path: Path, seen: Aftermath) -> None:
    out = tmp_path / "board"

    asked: list[str] = []
    with watching(context.database, asked.append):
        count = write_board(context.database, out, context.wall_clock(), None, lambda done, of: None)

    assert count == len(seen.lines)
    finished = [sql for sql in asked if "adopted_at IS NULL" in sql and "ORDER BY onboarding.signed_at DESC" in sql]
    assert 1 <= len(finished) <= len(BUNDLED_TIERS), "what forecasts rest on is read once for each tier"
    pages = [path for path in out.rglob("*.html") if not path.name.startswith("own-")]
    assert len(list((out / "accounts").iterdir())) == count
    for page in pages:
        for link in Links(page.read_text(encoding="utf-8")).found:
            assert link.startswith("#") or (page.parent / unquote(link)).is_file(), f"{page.name}: {link}"


@pytest.mark.slow
def test_written_again_what_is_gone_is_deleted_and_a_strangers_folder_is_refused(
    context: RunContext, tmp_path: Path
) -> None:
    out = tmp_path / "board"
    write_board(context.database, out, context.wall_clock(), None, lambda done, of: None)
    (out / ".first90-board").write_text((out / ".first90-board").read_text() + "accounts/forgotten.html\n../kept\n")
    (out / "accounts" / "forgotten.html").write_text("a person who was erased")
    (tmp_path / "kept").write_text("not ours")

    write_board(context.database, out, context.wall_clock(), None, lambda done, of: None)

    assert not (out / "accounts" / "forgotten.html").exists()
    assert (tmp_path / "kept").exists()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.html").write_text("mine")
    with pytest.raises(NotOurs, match="--out"):
        write_board(context.database, tmp_path / "papers", context.wall_clock(), None, lambda done, of: None)


@pytest.mark.slow
def test_a_writing_that_was_interrupted_leaves_no_file_for_ever(context: RunContext, tmp_path: Path) -> None:
    out = tmp_path / "board"

    def full_disk(done: int, of: int) -> None:
        if done == 3:
            raise OSError("no space left")

    for _ in range(2):  # the first time in a new folder, the second in one that holds a part
        with pytest.raises(OSError, match="no space"):
            write_board(context.database, out, context.wall_clock(), None, full_disk)
    listed = (out / ".first90-board").read_text(encoding="utf-8").split()
    found = {path.relative_to(out).as_posix() for path in out.rglob("*.html")}

    assert len(found) > 3
    assert found <= set(listed), "the next writing knows what to delete"
    write_board(context.database, out, context.wall_clock(), None, lambda done, of: None)
    assert len(set((out / ".first90-board").read_text(encoding="utf-8").split())) > len(found)


def test_beside_a_login_a_link_is_not_kept_unread(browser: httpx.Client) -> None:
    answer = browser.get("/board", params={"link": "一; Path=/"}, headers={"X-Forwarded-Email": MIA})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


@pytest.mark.slow
def test_a_leader_opens_the_report_by_the_link_of_the_mail(context: RunContext, browser: httpx.Client) -> None:
    named = replace(context, team=replace(context.team, leaders=(MIA,)))
    made = publish(named, present(context), ALL_ACCOUNTS, Period.WEEKLY)
    assert made.mails == 1
    with context.database.reading() as conn:
        query = select(EffectRow.data).where(EffectRow.kind == "report")
        (mail,) = conn.execute(query).scalars()
    (link,) = re.findall(r"\((https://[^)]*)\)", mail["mail"]["where"])
    opened = urlsplit(link)
    assert opened.path == f"/onboarding/board/report/{made.name}"
    path = opened.path.removeprefix("/onboarding")
    assert browser.get(path).status_code == 401
    found = browser.get(f"{path}?{opened.query}")
    assert (found.status_code, found.text) == (200, _stored(context, made.name))
    assert "script-src" not in found.headers["content-security-policy"]
    assert found.headers["content-security-policy"].startswith("default-src 'none'")
    assert found.cookies, "the browser keeps the link's token"
    assert browser.get(f"/board/report/weekly-1999-W01?{opened.query}").status_code == 404


def _stored(context: RunContext, name: str) -> str:
    with context.database.reading() as conn:
        page = stored_report(conn, name)
    assert page is not None
    return page
