"""The state of a simulation, and its clock: onboardings in memory, each reviewed only when something of it is due."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from onboarding.dates.working_time import is_open
from onboarding.effects.absence_notes import absence_effects, due_news
from onboarding.escalations.digest_changes import LastDigest
from onboarding.escalations.digest_news import digest_lines
from onboarding.messages.digest_effects import digest_day, digest_effects, is_read, last_digest
from onboarding.model.case import Case
from onboarding.model.parties import Owner
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Concern, EffectState, Stage, Status
from onboarding.review_case import Reviewed, review
from onboarding.review_context import ALL_CONCERNS
from onboarding.simulation.apply import changed, decided, delivered, elsewhere, usage_read
from onboarding.usage.arrival import heard_at
from tasks.review.batches import Rules, review_one
from tasks.runtime.context import RunContext
from tasks.simulation.moments import moment_after
from tasks.simulation.outbox import Outbox
from tasks.simulation.people import SimulatedPeople

MOST_ROUNDS = 6
"""A sent message can make the next one due at the same moment; more rounds than this would be a cycle."""


@dataclass
class World:
    """The state of a simulation: the onboardings, the people and everything sent."""

    context: RunContext
    people: SimulatedPeople
    post: Outbox
    cases: dict[str, Case]
    owners: Mapping[str, Owner]
    """The vendor's people by id."""
    gone: tuple[tuple[Status, Stage], ...]
    """The status and stage of each onboarding that had ended without success before the start."""
    told: frozenset[str] = frozenset()
    """Keys of the digests of the day and of the notes on absences that exist."""
    seen: dict[str, Reviewed] = field(default_factory=dict)
    """The last review of each onboarding, with the case after it."""
    journal: list[tuple[datetime, str, Decision]] = field(default_factory=list)
    reviews: int = 0
    rules: Rules = review
    """``review_without_writes`` where nobody looks at the CRM rows."""
    last_digests: dict[str, LastDigest] = field(default_factory=dict)
    """The last digest of each reader."""
    _of_account: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The onboardings of each account; none is added or moved during a simulation."""

    def __post_init__(self) -> None:
        for key, case in self.cases.items():
            self._of_account[case.account.id].append(key)

    def review(self, keys: Collection[str], changed_now: Collection[str], now: datetime) -> None:
        """Review these onboardings and send what is due of them; repeat for those of which something was sent. As in a
        cycle, only what is due is planned before a delivery: everything where people acted (``changed_now``)."""
        due = {key: ALL_CONCERNS if key in changed_now else self._due(key, now) for key in keys}
        for _ in range(MOST_ROUNDS):
            if not due:
                break
            for key in sorted(due):
                self._review(key, now, due[key])
            done = self.post.deliver([self.seen[key] for key in sorted(due)], now)
            for key, changes in done.changes.items():
                self.cases[key] = changed(self.cases[key], changes)
            for key, sent in done.sent.items():
                self.cases[key] = delivered(self.cases[key], sent, now)
                self.seen[key] = replace(self.seen[key], case=self.cases[key])
            news = {k for k, sent in done.sent.items() if self.post.may_change_review(sent, self.seen[k].playbook)}
            owed = {key: ALL_CONCERNS if key in news else self._due(key, now) for key in due}
            due = {key: concerns for key, concerns in owed.items() if concerns}
        for key in sorted(keys):
            self.people.plan_acts(self.seen[key], now)

    def _due(self, key: str, now: datetime) -> frozenset[Concern]:
        """Return the concerns of this onboarding that are due; all of one that was not reviewed yet."""
        if key not in self.seen:
            return ALL_CONCERNS
        moments = self.seen[key].review.next_at.items()
        return frozenset(concern for concern, at in moments if at is not None and at <= now)

    def _review(self, key: str, now: datetime, concerns: frozenset[Concern]) -> None:
        case = self._with_others(usage_read(self.cases[key], now, heard_at(self.people.heard.values())))
        found = review_one(self.context, case, now, concerns, self.rules)
        self.reviews += 1
        self.journal += [(now, key, decision) for decision in found.review.decisions]
        self.post.take(case, found.review.effects, now)
        self.cases[key] = decided(case, found.review)
        self.seen[key] = replace(found, case=self.cases[key])

    def _with_others(self, case: Case) -> Case:
        """Return the case with the present mails of its account's other onboardings, where there are any."""
        keys = self._of_account[case.account.id]
        return replace(case, elsewhere=elsewhere([self.cases[key] for key in keys])) if len(keys) > 1 else case

    def write_digests(self, now: datetime) -> None:
        """Write today's digests of the people who are at work and have none yet."""
        day = digest_day(self.owners.values(), self.told, now, self.context.calendars(now), self.context.office_hours)
        if day.ready:
            seen = self.seen.values()
            read = is_read(self.owners, day)
            lines = [line for one in seen for line in digest_lines(one.case, one.review, one.playbook, now, read)]
            answers = self.context.settings.chat.has_buttons
            fresh = digest_effects(lines, self.owners, replace(day, last=self.last_digests), answers=answers)
            self.post.say(fresh, now)
            self.told |= {effect.key for effect in fresh}
            self.last_digests |= {one.person_id: last_digest(one.occurrence, one.data) for one in fresh}

    def tell_of_absences(self, now: datetime) -> None:
        """Send the notes on absences that are due, in their readers' working hours."""
        calendars, hours = self.context.calendars(now), self.context.office_hours
        news = due_news(self.owners, self.told, lambda one: is_open(now, one.zone, calendars(one.country), hours), now)
        if news:
            self.post.say(absence_effects(news, tuple(self.seen.values()), now), now)
            self.told |= {one.key for one in news}

    def next_at(self, key: str) -> datetime | None:
        """Return when this onboarding must be reviewed again; None: not by itself."""
        waiting = [line.due_at for line in self.cases[key].effects if line.state is EffectState.PLANNED]
        moments = [at for at in (*self.seen[key].review.next_at.values(), *waiting) if at is not None]
        return min(moments, default=None)


def live(world: World, start: datetime, end: datetime, say: Callable[[str], None] = lambda _: None) -> None:
    """Run the clock from ``start`` until ``end`` (UTC) and stop it wherever something is due; ``say`` tells the day."""
    now = say_at = start
    moments: dict[str, datetime | None] = dict.fromkeys(world.cases, now)
    while now < end:
        if now >= say_at:
            say(f"{now:%d %B %Y} ...")
            say_at = now + timedelta(days=30)
        doing = world.people.due(now)
        for key, acts in doing.items():
            world.cases[key] = world.people.done(world.cases[key], world.seen[key], acts, now)
        due = [key for key, at in moments.items() if key in doing or (at is not None and at <= now)]
        world.review(due, doing, now)
        moments |= {key: world.next_at(key) for key in due}
        world.tell_of_absences(now)
        world.write_digests(now)
        now = moment_after([*moments.values(), world.people.next_at], now)
