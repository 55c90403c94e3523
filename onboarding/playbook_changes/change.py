"""What another version of its playbook means for one onboarding. The same value is shown, compared and applied."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from onboarding.conditions.added import with_added
from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import left_out
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.model.case import Case, Touchpoint
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Stage
from onboarding.playbook_changes.agenda import Item, ItemKind, Place, agenda, instant_text, sends
from onboarding.playbook_changes.arrivals import known_already, with_settled
from onboarding.playbook_changes.edits import Edit, conflicts, edits
from onboarding.playbook_changes.lateness import NOTHING_LATE, Lateness, added, counted_anew, overdue
from onboarding.playbook_changes.renames import OF_MILESTONES, Renames, refuse_reused, refuse_taken, renamed, renames
from onboarding.review_case import Reviewed, review_without_writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a playbook by its hash."""

    hash: str
    playbook: Playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Something that the new version does not have ahead any more, and why."""

    item: Item
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Something whose date changes."""

    item: Item
    """As it is in the new version."""
    old: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A message that the next run plans because of the change."""

    key: str
    name: str
    channel: str
    role: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Everything that follows for one onboarding. All of it empty where both versions mean the same for it."""

    key: str
    case_version: int
    """The version of the case that was reviewed."""
    account_id: str
    account_name: str
    tier: str
    old: str
    new: str
    policy: PlaybookPolicy = PlaybookPolicy.PIN
    renames: Renames = field(default_factory=Renames)
    appear: tuple[Item, ...] = ()
    vanish: tuple[Gone, ...] = ()
    move: tuple[Move, ...] = ()
    send_now: tuple[Send, ...] = ()
    skipped: tuple[Gone, ...] = ()
    """Messages whose time has passed under the new version, so that they are not sent."""
    arrivals: tuple[Touchpoint, ...] = ()
    """Those of them that the change itself settles: to people who joined before and know of the onboarding."""
    kept: tuple[Edit, ...] = ()
    conflicts: tuple[str, ...] = ()
    late: Lateness = NOTHING_LATE
    stages: tuple[Stage, Stage] | None = None
    """The present stage under both versions, where it differs. A stage that was left stays left."""

    @property
    def moves(self) -> bool:
        """Return whether it runs on another version than the newest."""
        return self.old != self.new

    @property
    def completes(self) -> bool:
        """Return whether the change completes the onboarding."""
        return self.stages is not None and self.stages[1] is Stage.DONE

    @property
    def differs(self) -> bool:
        """Return whether anything is another than before, besides the version."""
        dates = (self.appear, self.vanish, self.move, self.send_now, self.skipped)
        return any((*dates, self.renames, self.conflicts, self.stages))

    @property
    def digest(self) -> str:
        """Return a hash of what would happen. It does not depend on the moment as long as the same would happen."""
        due = {one.name for one in self.send_now} | {*self.late.counted_anew}
        told = {
            "versions": [self.old, self.new],
            "appear": [(*one.place, None if one.name in due else instant_text(one.at)) for one in self.appear],
            "vanish": [one.item.place for one in self.vanish],
            "move": [
                (*one.item.place, None if one.item.name in due else instant_text(one.item.at)) for one in self.move
            ],
            "send_now": sorted(one.key for one in self.send_now),
            "skipped": [one.item.place for one in self.skipped],
            "conflicts": len(self.conflicts),
            "stages": self.stages,
        }
        text = json.dumps(told, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def summary(self) -> str:
        """Return in words how much changes."""
        counts = (
            (len(self.appear), "appear"),
            (len(self.vanish), "vanish"),
            (len(self.move), "move"),
            (len(self.send_now), "to be sent at once"),
        )
        return ", ".join(f"{number} {what}" for number, what in counts if number) or "nothing changes for it"


def change_of(
    case: Case, old: Version, new: Version, now: datetime, policy: PlaybookPolicy = PlaybookPolicy.PIN
) -> Change:
    """Return what moving the case from one version to the other at ``now`` (UTC) means. Pure.

    Both versions are reviewed as the next run would; what differs is what the change does. Raises NameReused.
    """
    blank = Change(
        key=case.key,
        case_version=case.version,
        account_id=case.account.id,
        account_name=case.account.name,
        tier=new.playbook.tier,
        old=old.hash,
        new=new.hash,
        policy=policy,
        kept=edits(case),
    )
    if old.hash == new.hash:
        return blank
    refuse_reused(old.playbook, new.playbook)
    names = renames_of(case, old, new)
    refuse_taken(case, old.playbook, new.playbook, names)
    # Seen under the new names on both sides, so that a rename alone is no change.
    before = review_without_writes(case, old.playbook, now)
    under = renamed(case, names)
    arrivals = tuple(known_already(under, old.playbook, new.playbook, now))
    settled, fresh = with_settled(under, arrivals), added(old.playbook, new.playbook, names)
    after = review_without_writes(with_added(settled, fresh, now), new.playbook, now)
    plain = review_without_writes(settled, new.playbook, now) if fresh else after
    was, will = _under(agenda(before, now), names), agenda(after, now)
    stages = before.review.progress.stage, after.review.progress.stage
    return replace(
        blank,
        renames=names,
        appear=tuple(will[place] for place in will if place not in was),
        vanish=tuple(Gone(item=was[place], because=_why(was[place], after)) for place in was if place not in will),
        move=tuple(_moves(was, will)),
        send_now=tuple(_sent_now(before, after, names)),
        skipped=tuple(_skipped(before, after, names, arrivals)),
        arrivals=arrivals,
        late=Lateness(fresh, counted_anew(agenda(plain, now), will), overdue(was, will, now)),
        conflicts=tuple(conflicts(before, after, tuple(_edits_under(blank.kept, names)))),
        stages=stages if stages[0] is not stages[1] else None,
    )


def renames_of(case: Case, old: Version, new: Version) -> Renames:
    """Return what has another name in the new version, without names under which the case has a history already."""
    steps = {*(one.step for one in case.touchpoints), *(one.kind for one in case.effects)}
    milestones = {one.name for one in case.facts if one.kind in OF_MILESTONES}
    return renames(old.playbook, new.playbook).without(steps, milestones)


def _under(was: Mapping[Place, Item], names: Renames) -> Mapping[Place, Item]:
    known = {ItemKind.STEP: names.steps, ItemKind.MILESTONE: names.milestones}
    items = (replace(one, name=known.get(one.kind, {}).get(one.name, one.name)) for one in was.values())
    return {one.place: one for one in items}


def _edits_under(made: tuple[Edit, ...], names: Renames) -> Iterator[Edit]:
    for edit in made:
        yield replace(edit, name=names.milestones.get(edit.name, edit.name))


def _moves(was: Mapping[Place, Item], will: Mapping[Place, Item]) -> Iterator[Move]:
    for place, item in will.items():
        if place in was and was[place].at != item.at and not item.settled:
            yield Move(item=item, old=was[place].at)


def _why(item: Item, after: Reviewed) -> str:
    part = Part.MILESTONE if item.kind is ItemKind.MILESTONE else Part.STEP
    if why_not := left_out(after.playbook).get((part, item.name)):
        return why_not
    if item.kind is ItemKind.MILESTONE:
        return f"the new version has no such milestone; it is {item.settled}" if item.settled else "no such milestone"
    settled = [one for one in after.review.touchpoints if (one.step, one.occurrence) == (item.name, item.occurrence)]
    if settled:
        return settled[0].because
    if item.kind is ItemKind.STEP and item.name not in {step.name for step in after.playbook.steps}:
        return "the new version has no such step"
    return "it does not come any more"


def _sent_now(before: Reviewed, after: Reviewed, names: Renames) -> Iterator[Send]:
    """Yield what the next run would plan under the new version and not under the old one."""
    renamed_back = names.back().steps
    known = set(sends(before))
    for key, (effect, at) in sorted(sends(after).items(), key=lambda one: (one[1][1], one[0])):
        was = renamed_back.get(effect.kind)
        if key in known or (was and key.replace(f":{effect.kind}:", f":{was}:", 1) in known):
            continue
        yield Send(key=key, name=effect.kind, channel=effect.channel.value, role=effect.role, due_at=at)


def _skipped(before: Reviewed, after: Reviewed, names: Renames, also: tuple[Touchpoint, ...]) -> Iterator[Gone]:
    """Yield what the next run would give up under the new version and not under the old one, and what the change
    settles itself."""
    known = {(names.steps.get(one.step, one.step), one.occurrence) for one in before.review.touchpoints}
    titles = {step.name: step.title for step in after.playbook.steps}
    sent = {(effect.kind, effect.occurrence) for effect in after.review.effects}
    for one in (*after.review.touchpoints, *also):
        place = one.step, one.occurrence
        if place not in known and place not in sent:
            item = Item(
                kind=ItemKind.STEP,
                name=one.step,
                title=titles.get(one.step, one.step),
                at=None,
                occurrence=one.occurrence,
            )
            yield Gone(item=item, because=one.because)
