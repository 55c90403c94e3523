"""Who may do what: the whole table, the roles of the team file, and the page that prints both."""

import itertools
from pathlib import Path

import pytest

from config.files.documents import DocumentError, read_document
from onboarding.model.vocabulary import VendorRole
from onboarding.people.permissions import act_words, at_command_line, refusal, roles_of, whom_to_ask
from onboarding.people.team import Member, Team
from onboarding.permissions.access import Access
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.table import MAY, AccessRole, Permission

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"
MARK = "<!-- table -->"
ACCESS = Access(
    viewer=("vera@example.com", "group:everybody"),
    csm=("role:csm",),
    manager=("Dana@Example.com",),
    ops=("deploy", "group:Platform team"),
)
TEAM = Team(members=(Member(email="cleo@example.com", roles=(VendorRole.CSM,)),), access=ACCESS)
HOLDERS = {
    AccessRole.VIEWER: "vera@example.com",
    AccessRole.CSM: "Cleo@example.com",
    AccessRole.MANAGER: "dana@example.com",
    AccessRole.OPS: "deploy",
}
EXPECTED = {
    "viewer": "look",
    "csm": "look record steer",
    "manager": "look record steer override_gate decide change_playbook stop repair erase",
    "ops": "look change_playbook stop repair erase operate",
}
"""Written a second time by hand, so that nobody gets a right by a slip."""


def person(name: str, *groups: str, known_by: KnownBy = KnownBy.PROXY) -> Identity:
    return Identity(name=name, known_by=known_by, groups=frozenset(groups))


@pytest.mark.parametrize(
    ("role", "permission", "known_by"), list(itertools.product(AccessRole, Permission, KnownBy)), ids=str
)
def test_each_role_may_do_exactly_what_it_is_given_however_the_person_is_known(
    role: AccessRole, permission: Permission, known_by: KnownBy
) -> None:
    because = refusal(TEAM, person(HOLDERS[role], known_by=known_by), permission)
    assert (because is None) == (permission.value in EXPECTED[role.value].split())
    if because is not None:
        assert act_words(permission) in because
        assert f"is {role.value}" in because


def test_nobody_without_a_role_may_do_anything_and_without_roles_everybody_may() -> None:
    for permission in Permission:
        assert refusal(TEAM, person("max@elsewhere.example"), permission) is not None
        assert refusal(Team(members=TEAM.members), person("max@elsewhere.example"), permission) is None


def test_two_roles_add_up() -> None:
    both = Team(access=Access(manager=("sam@example.com",), ops=("sam@example.com",)))
    assert all(refusal(both, person("sam@example.com"), permission) is None for permission in Permission)


def test_groups_of_the_proxy_give_roles_and_are_told_apart_from_people() -> None:
    assert roles_of(TEAM, person("x@example.com", "Platform team", "everybody")) == {AccessRole.OPS, AccessRole.VIEWER}
    assert roles_of(TEAM, person("everybody")) == frozenset()
    assert roles_of(TEAM, person("x@example.com", "deploy", "dana@example.com", "csm")) == frozenset()


def test_a_refusal_says_who_may() -> None:
    because = refusal(TEAM, person("cleo@example.com"), Permission.OVERRIDE_GATE)
    assert because == (
        "cleo@example.com is csm and may not override a gate: skip a stage, call a milestone not applicable; "
        "ask a manager: Dana@Example.com"
    )
    assert whom_to_ask(TEAM, Permission.STOP) == (
        "ask a manager or ops: Dana@Example.com, deploy, the group Platform team"
    )
    assert "cleo@example.com" in whom_to_ask(TEAM, Permission.STEER)
    nobody = Team(access=Access(viewer=("vera@example.com",)))
    assert "the team file names nobody" in whom_to_ask(nobody, Permission.STOP)
    many = Team(access=Access(manager=tuple(f"m{number}@example.com" for number in range(5))))
    assert whom_to_ask(many, Permission.DECIDE).endswith("m2@example.com and 2 more")


def test_the_command_line_believes_a_name_only_where_system_users_are_not_known() -> None:
    assert at_command_line(TEAM, "dana@example.com", "jo") == Identity(
        name="dana@example.com", known_by=KnownBy.COMMAND_LINE, detail="jo"
    )
    known = Team(access=Access(manager=("dana@example.com",), users={"jo": "jo@example.com"}))
    for by in ("jo", "jo@example.com", "JO@example.com"):
        assert at_command_line(known, by, "jo").name == "jo@example.com"
    assert at_command_line(known, "root", "root").name == "root"
    for user in ("jo", "root"):
        with pytest.raises(ValueError, match=r"leave --by away"):
            at_command_line(known, "dana@example.com", user)


def test_how_a_person_is_known_reads_well() -> None:
    assert Identity(name="jo", known_by=KnownBy.COMMAND_LINE, detail="root").how == "command line, system user root"
    assert Identity(name="jo", known_by=KnownBy.SLACK, detail="U1").how == "Slack U1"
    assert Identity(name="jo", known_by=KnownBy.MCP_TOKEN).how == "MCP token"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("access: {managers: [a@example.com]}", "did you mean 'manager'"),
        ("access: {manager: ['role:cs_manger']}", "did you mean role:cs_manager"),
        ("access: {manager: [cs_manager]}", "write role:cs_manager"),
        ("access: {manager: ['role:account_executive']}", "the deal's owner"),
        ("access: {manager: ['groups:leads']}", "does not fit"),
        ("access: {users: {jo: jo@example.com}}", "no list gives anybody a role"),
        ("access: {ops: [deploy], users: {jo: jo}}", "does not fit"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_mend(written: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(written + "\n")
    with pytest.raises(DocumentError) as error:
        read_document(path, Team)
    assert f"{path}, line 1" in str(error.value)
    assert told in str(error.value)


def printed() -> str:
    """Return the table as the page prints it."""
    rows = [
        f"| `{permission}` | {act_words(permission)} | "
        + " | ".join("yes" if role in MAY[permission] else "" for role in AccessRole)
        + " |"
        for permission in Permission
    ]
    head = ["| permission | what it allows | " + " | ".join(AccessRole) + " |", "|---|---|" + "---|" * len(AccessRole)]
    return "\n".join([*head, *rows])


def test_the_page_prints_the_table() -> None:
    found = PAGE.read_text(encoding="utf-8").split(MARK)[1].strip()
    assert found == printed(), f"put this between the two marks in {PAGE.name}:\n{printed()}"
