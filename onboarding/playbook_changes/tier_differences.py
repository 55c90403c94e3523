"""What differs between two tables of tiers (``tiers.yaml``), in words."""

from collections.abc import Iterator

from onboarding.facts.tiers import PlaybookPolicy, TierRule, TierRules
from onboarding.model.phrases import name_words
from onboarding.playbook_changes.differences import Difference, Kind, Part


def tier_differences(old: TierRules, new: TierRules) -> tuple[Difference, ...]:
    """Return all differences, rules first; empty where both give every customer the same tier and policy."""
    return (*_rules(old, new), *_policies(old, new))


def _rules(old: TierRules, new: TierRules) -> Iterator[Difference]:
    before, after = [_said(one) for one in old.rules], [_said(one) for one in new.rules]
    for rule, words in zip(old.rules, before, strict=True):
        if words not in after:
            yield Difference(part=Part.TIERS, name=rule.tier, kind=Kind.REMOVED, field="rules", words=f"rule {words}")
    for rule, words in zip(new.rules, after, strict=True):
        if words not in before:
            yield Difference(part=Part.TIERS, name=rule.tier, kind=Kind.ADDED, field="rules", words=f"rule {words}")
    both = [[one for one in words if one in other] for words, other in ((before, after), (after, before))]
    if both[0] != both[1]:
        words = "the rules have another order, and the first one that matches decides"
        yield Difference(part=Part.TIERS, name="", kind=Kind.CHANGED, field="rules", words=words)


def _said(rule: TierRule) -> str:
    ways = [] if rule.amount_from is None else [f"an amount from {rule.amount_from:,.0f}"]
    ways += [] if rule.seats_from is None else [f"{rule.seats_from:,} seats"]
    ways += [f"complexity {', '.join(rule.complexity)}"] if rule.complexity else []
    return f"{rule.tier}: {' or '.join(ways) or 'everybody else'}"


def _policies(old: TierRules, new: TierRules) -> Iterator[Difference]:
    for tier in sorted({*old.on_playbook_change, *new.on_playbook_change}):
        was, will = (one.on_playbook_change.get(tier, PlaybookPolicy.PIN).value for one in (old, new))
        if was != will:
            words = f"on_playbook_change of {tier}: {name_words(will)} (before: {name_words(was)})"
            yield Difference(
                part=Part.TIERS,
                name=tier,
                kind=Kind.CHANGED,
                field="on_playbook_change",
                old=was,
                new=will,
                words=words,
            )
