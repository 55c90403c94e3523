"""The board is for who may look: by the proxy's login, its groups, or a link."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from config.settings.load import SettingsError, load_settings
from database.onboardings.overview import status_lines
from onboarding.people.team import Team
from onboarding.permissions.access import Access
from onboarding.permissions.table import MAY, AccessRole, Permission
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.views.readers import board_url
from tests.stories.conftest import Aftermath, context, seen  # noqa: F401
from web.app import build

LOGIN, GROUPS = "X-Forwarded-Email", "X-Forwarded-Groups"
PEOPLE = {role: f"{role}@example.com" for role in AccessRole}
TEAM = Team(access=Access(**{role.value: (name, f"group:{role} group") for role, name in PEOPLE.items()}))
PAGES = ("board", "board/report/none", "board/{key}", "board/{key}/message/none")


@pytest.fixture
def browser(context: RunContext) -> Callable[[Team], TestClient]:  # noqa: F811
    """Return a function that serves the board with the roles of a team."""

    def serve(team: Team) -> TestClient:
        settings = replace(context.settings, board_groups_header=GROUPS)
        return TestClient(build(replace(context, settings=settings, team=team)), follow_redirects=False)

    return serve


def status(browser: TestClient, context: RunContext, page: str, **headers: str) -> int:  # noqa: F811
    with context.database.reading() as conn:
        key = status_lines(conn)[0]["deal_id"]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.get(f"/{page.format(key=key)}", headers=named).status_code


@pytest.mark.parametrize(("page", "role"), list(itertools.product(PAGES, AccessRole)), ids=str)
def test_every_page_is_for_who_may_look(
    page: str,
    role: AccessRole,
    browser: Callable[[Team], TestClient],
    context: RunContext,  # noqa: F811
) -> None:
    served = browser(TEAM)
    allowed = {404} if page.endswith("none") else {200}
    assert role in MAY[Permission.LOOK]
    assert status(served, context, page, X_Forwarded_Email=PEOPLE[role]) in allowed
    groups = f"others, {role} group"
    assert status(served, context, page, X_Forwarded_Email="new@example.com", X_Forwarded_Groups=groups) in allowed
    assert status(served, context, page, X_Forwarded_Email="new@example.com", X_Forwarded_Groups="others") == 403
    assert status(served, context, page, X_Forwarded_Groups=groups) == 401, "groups alone are nobody"
    assert status(browser(Team()), context, page, X_Forwarded_Email="new@example.com") in allowed


def test_a_link_is_as_good_as_its_persons_role(
    browser: Callable[[Team], TestClient],
    context: RunContext,  # noqa: F811
) -> None:
    def opened(reader: str) -> int:
        link = urlsplit(board_url(context, reader, present(context)))
        return browser(TEAM).get(f"/board?{link.query}").status_code

    assert opened(PEOPLE[AccessRole.VIEWER]) == 200
    assert opened("stranger@example.com") == 403
    told = browser(TEAM).get("/board", headers={LOGIN: "stranger@example.com"}).text
    assert "stranger@example.com has no role in the team file" in told
    assert "ask a viewer" in told


def test_groups_without_a_login_are_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRST90_BOARD_LOGIN_HEADER", raising=False)
    monkeypatch.setenv("FIRST90_BOARD_GROUPS_HEADER", GROUPS)
    with pytest.raises(SettingsError, match="FIRST90_BOARD_GROUPS_HEADER needs FIRST90_BOARD_LOGIN_HEADER"):
        load_settings(env_file=None)
    monkeypatch.setenv("FIRST90_BOARD_LOGIN_HEADER", LOGIN)
    assert load_settings(env_file=None).board_groups_header == GROUPS


def test_no_text_of_a_filter_is_too_odd_for_the_database(
    browser: Callable[[Team], TestClient],
    context: RunContext,  # noqa: F811
) -> None:
    served = browser(TEAM)
    for asked in ("text=%00", "owner=%00&tier=%00", "text=" + "%25_" * 9_000, "text='%22;--"):
        found = served.get(f"/board?{asked}", headers={LOGIN: PEOPLE[AccessRole.VIEWER]})
        assert found.status_code == 200
        assert "No " in found.text
