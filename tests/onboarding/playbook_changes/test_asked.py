"""Of a request to adopt a version only that is done which still is what was asked for."""

from dataclasses import replace

from onboarding.playbook_changes.asked import as_text, from_text, still_asked
from onboarding.playbook_changes.change import Change
from onboarding.playbook_changes.plan import Plan

ACME = Change(key="acme", case_version=1, account_id="a", account_name="Acme", tier="mid", old="v1", new="v2")
BOLT = replace(ACME, key="bolt", account_name="Bolt")
ASKED = from_text(as_text(Plan(changes=(ACME, BOLT, replace(ACME, key="newest", old="v2")))))


def test_a_request_names_those_that_move() -> None:
    assert [one.key for one in ASKED] == ["acme", "bolt"]


def test_what_still_follows_moves_and_no_other() -> None:
    later = replace(ACME, key="later")
    still = still_asked(ASKED, Plan(changes=(replace(ACME, case_version=9), later, BOLT)))
    assert [one.key for one in still.plan.moving] == ["acme", "bolt"]
    assert (still.already, still.left) == (0, ())


def test_what_ran_on_the_version_is_done_also_where_a_newer_one_is_there() -> None:
    moved, newer = replace(ACME, old="v2"), replace(BOLT, old="v2", new="v3")
    still = still_asked(ASKED, Plan(changes=(moved, newer)))
    assert (still.plan.changes, still.already, still.left) == ((), 2, ())


def test_what_is_not_as_it_was_asked_stays_with_its_reason() -> None:
    other = replace(ACME, conflicts=("a date set by hand",))
    still = still_asked(ASKED, Plan(changes=(other, replace(BOLT, new="v3"))))
    assert still.plan.changes == ()
    assert [(key, why.split(";")[0]) for key, why in still.left] == [
        ("acme", "something else would follow now than when it was asked for"),
        ("bolt", "its newest playbook is not the one that was asked for"),
    ]
    gone = still_asked(ASKED, Plan(changes=(), failures=(("acme", "unreadable"),)))
    assert gone.left == (("acme", "unreadable"), ("bolt", "it is not in flight any more"))
