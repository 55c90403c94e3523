"""What happened to an onboarding is in a message or in a digest of whoever is accountable, and the last word on each
cause is how it stands: whatever happens, and whoever is accountable."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.escalations.causes import news_for, owed_by
from onboarding.escalations.digest_changes import LastDigest, changes
from onboarding.escalations.digest_news import news_lines
from onboarding.escalations.readers import rung_of
from onboarding.escalations.thread_lines import lines_of, number_of, told_up_to
from onboarding.model.effect import EffectLine
from onboarding.model.review import Review
from onboarding.model.vocabulary import EffectState, NewsKind, Status
from onboarding.review_case import review_context
from tests.builders.ladder import MONDAY, LadderCase, build_ladder_case
from tests.examples import examples
from tests.onboarding.escalations.test_news import STALLS

HAPPENS = ("look", "look", "look", "ack", "snooze", "owner", "hold")
DAYS = st.lists(
    st.tuples(st.lists(st.tuples(STALLS, st.sampled_from(HAPPENS)), max_size=3), st.booleans()), min_size=1, max_size=9
)
Cause = tuple[int, int]
"""An episode's number, and the place of a cause in it."""


@dataclass
class Office:
    """An onboarding day by day: what each reader heard of each cause, in order, from messages and digests."""

    one: LadderCase = field(default_factory=build_ladder_case)
    heard: dict[str, list[tuple[Cause, NewsKind]]] = field(default_factory=dict)
    last: dict[str, LastDigest] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    @property
    def owner(self) -> str:
        assert self.one.state.owner is not None
        return self.one.state.owner.id

    def happens(self, what: str, now: datetime) -> None:
        case = self.one.case
        if what == "owner":
            self.one.hand_over({"005CSM": "005SELLER", "005SELLER": "005CSM"}[self.owner])
        elif what == "hold":
            self.one.hold(Status.ACTIVE if case.progress.status is Status.ON_HOLD else Status.ON_HOLD)
        elif what in ("ack", "snooze") and case.episodes and self.one.episode.closed_at is None:
            rest = {"acked_at": now} if what == "ack" else {"snoozed_until": now + timedelta(days=2)}
            self.one.answer(**rest)

    def messages(self) -> None:
        """Note what the messages say that left since."""
        for episode in self.one.case.episodes:
            for person in sorted({line.person_id for line in self.one.case.effects}):
                lines = lines_of(self.one.case, episode, person)
                for line in lines:
                    if line.key in self.told or line.edits or line.state is not EffectState.SENT:
                        continue
                    self.told.add(line.key)
                    self._hear(person, line, lines)

    def _hear(self, person: str, line: EffectLine, lines: list[EffectLine]) -> None:
        number = int(line.occurrence.partition(".")[0])
        episode = next(one for one in self.one.case.episodes if one.number == number)
        rung = rung_of(self.one.playbook, line.role)
        said = news_for(owed_by(episode, None), rung, told_up_to(lines, before=number_of(line)), number_of(line))
        self.heard.setdefault(person, []).extend(((number, news.cause), news.what) for news in said)

    def digest(self, now: datetime) -> int:
        """Write the owner's digest; return how much did not fit."""
        case, playbook = self.one.case, self.one.playbook
        context = review_context(case, playbook, now)
        review = Review(
            case_key=case.key,
            version=1,
            state=self.one.state,
            progress=context.progress,
            criteria=(),
            episodes=case.episodes,
        )
        found = changes(tuple(news_lines(case, review, now)), self.last.get(self.owner), now, "UTC")
        for line in found.shown:
            if line.news:
                number, _, place = line.id.rpartition(":")[2].partition(".")
                self.heard.setdefault(self.owner, []).append(((int(number), int(place)), line.news))
        self.last[self.owner] = LastDigest(day=now.date(), works=found.works, marks=found.marks)
        return found.left

    def latest(self, person: str) -> Mapping[Cause, NewsKind]:
        """Return what a person heard last of each cause, from whatever told it."""
        return dict(self.heard.get(person, ()))


@settings(max_examples=examples(150))
@given(days=DAYS)
def test_what_happened_is_in_a_message_or_in_a_digest_and_the_last_word_on_each_cause_is_how_it_stands(
    days: list[tuple[list[tuple[tuple[object, ...], str]], bool]],
) -> None:
    office = Office()
    for number, (moments, writes) in enumerate([*days, *[([], True)] * 6]):
        for hour, (stalls, what) in enumerate(moments):
            now = MONDAY + timedelta(days=number, hours=hour)
            office.one.stalls = stalls  # type: ignore[assignment]
            office.happens(what, now)
            office.one.review(now)
            office.messages()
        if number == len(days):
            office.one.hold(Status.ACTIVE)
        evening = MONDAY + timedelta(days=number, hours=6)
        office.one.review(evening)
        office.one.deliver(evening)
        office.messages()
        if writes:
            office.digest(evening)
    heard = {cause for said in office.heard.values() for cause, _ in said}
    for episode in office.one.case.episodes:
        for place, cause in enumerate(episode.causes):
            assert (episode.number, place) in heard, "what was found was told to somebody"
            last = office.latest(office.owner).get((episode.number, place))
            assert last is not None, "the owner knows of every cause"
            assert (last is NewsKind.GONE) == (cause.gone_at is not None), "and whether it still holds"


def test_control_a_digest_that_forgets_what_did_not_fit_or_was_not_written_loses_it() -> None:
    """The property fails where a reader's marks run ahead of what was shown."""
    office = Office()
    office.one.review(MONDAY, send=False)
    ahead = LastDigest(day=MONDAY.date(), marks={office.one.case.key: (99, 99)})
    office.last[office.owner] = replace(ahead)
    office.digest(MONDAY + timedelta(hours=6))
    assert office.latest(office.owner) == {}
