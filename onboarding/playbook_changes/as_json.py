"""A change of one onboarding as ``playbook plan --json`` prints it."""

from typing import Any

from onboarding.playbook_changes.agenda import Item, instant_text
from onboarding.playbook_changes.change import Change


def as_json(change: Change) -> dict[str, Any]:
    """Return it as ``playbook plan --json`` prints it."""
    return {
        "account_id": change.account_id,
        "account_name": change.account_name,
        "deal_id": change.key,
        "tier": change.tier,
        "from": change.old,
        "to": change.new,
        "policy": change.policy.value,
        "appear": [
            _item(one) | ({"counted_anew": True} if one.name in change.late.counted_anew else {})
            for one in change.appear
        ],
        "vanish": [_item(one.item) | {"because": one.because} for one in change.vanish],
        "move": [
            {
                "kind": one.item.kind.value,
                "name": one.item.name,
                "occurrence": one.item.occurrence,
                "old_date": instant_text(one.old),
                "new_date": instant_text(one.item.at),
            }
            | ({"overdue": True} if one.item.name in change.late.overdue else {})
            for one in change.move
        ],
        "send_now": [
            {
                "key": one.key,
                "name": one.name,
                "channel": one.channel,
                "role": one.role,
                "due_at": instant_text(one.due_at),
            }
            for one in change.send_now
        ],
        "skipped": [{"name": one.item.name, "because": one.because} for one in change.skipped],
        "renamed": [
            {"kind": kind, "from": old, "to": new}
            for kind, names in (("step", change.renames.steps), ("milestone", change.renames.milestones))
            for old, new in names.items()
        ],
        "kept": [
            {"what": one.what, "name": one.name, "by": one.by, "at": instant_text(one.at), "words": one.words}
            for one in change.kept
        ],
        "conflicts": list(change.conflicts),
        "stage": {"from": change.stages[0].value, "to": change.stages[1].value} if change.stages else None,
    }


def _item(one: Item) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": one.kind.value, "name": one.name, "title": one.title, "date": instant_text(one.at)}
    if one.occurrence not in ("", "1"):
        found["occurrence"] = one.occurrence
    return found | ({"settled": one.settled} if one.settled else {})
