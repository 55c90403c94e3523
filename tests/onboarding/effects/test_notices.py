"""The cap of messages that notify one reader a day: nothing above it, and nothing lost by it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.effects.absence_notes import absence_effects, due_news
from onboarding.effects.notices import (
    Notice,
    Ration,
    admit_notices,
    gathered_post,
    ration,
    stands_for,
    waits_for_hours,
)
from onboarding.messages.posts import Post
from onboarding.model.effect import Leased
from onboarding.model.parties import Absence, AbsenceSource
from onboarding.model.vocabulary import Channel, Severity
from onboarding.review_case import review
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook
from tests.examples import examples

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
DAY = "2026-03-09"


def notice(number: int, *, gathers: bool = True, most: int | None = 5, person: str = "005CSM") -> Notice:
    rank = (2 if gathers else 1, False, NOW + timedelta(minutes=number), f"{number:03}")
    return Notice(key=f"{number}", person_id=person, day=DAY, most=most, gathers=gathers, rank=rank)


def keys(found: Ration) -> list[str]:
    return [one.key for one in found.admitted]


def test_what_fits_leaves_by_itself() -> None:
    found = admit_notices([notice(number) for number in range(4)], {})
    assert (keys(found), found.gathered, found.later) == (["0", "1", "2", "3"], (), frozenset())


def test_the_last_place_takes_the_news_of_all_that_do_not_fit_and_one_is_kept_for_the_digest() -> None:
    found = admit_notices([notice(number) for number in range(8)], {("005CSM", DAY): 1})
    assert keys(found) == ["0", "1"]
    assert [[one.key for one in group] for group in found.gathered] == [["2", "3", "4", "5", "6", "7"]]


def test_a_first_message_is_not_gathered_but_waits_and_a_full_day_lets_nothing_leave_but_the_digest() -> None:
    found = admit_notices([notice(number, gathers=False) for number in range(6)], {})
    assert (keys(found), found.later) == (["0", "1", "2", "3"], {"4", "5"})
    full = admit_notices([notice(1), notice(2, most=None)], {("005CSM", DAY): 4})
    assert (keys(full), full.later) == (["2"], {"1"})


BATCH = st.lists(st.tuples(st.booleans(), st.sampled_from(("005CSM", "005MANAGER"))), max_size=20)


@settings(max_examples=examples(200))
@given(batches=st.lists(BATCH, max_size=6), most=st.integers(3, 12))
def test_no_reader_gets_more_than_the_cap_and_each_message_leaves_is_gathered_or_waits(
    batches: list[list[tuple[bool, str]]], most: int
) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    number = 0
    for batch in batches:
        asking = []
        for gathers, person in batch:
            number += 1
            asking.append(notice(number, gathers=gathers, most=most, person=person))
        found = admit_notices(asking, counted)
        counted.update((one.person_id, one.day) for one in found.admitted)
        counted.update((group[0].person_id, group[0].day) for group in found.gathered)
        fates = [*keys(found), *(one.key for group in found.gathered for one in group), *found.later]
        assert sorted(fates) == sorted(one.key for one in asking)
        assert all(len({one.person_id for one in group}) == 1 for group in found.gathered), "each to its own reader"
    assert all(count <= most - 1 for count in counted.values()), "a place is left for the digest"


@pytest.mark.parametrize(("seed", "most"), [(1, 3), (2, 4), (3, 5)])
def test_in_120_days_the_cap_holds_also_for_gathered_news_that_slack_refused_overnight_and_nothing_is_lost(
    seed: int, most: int
) -> None:
    reader = Reader(most=most, luck=Random(seed))
    for _ in range(120 * len(Reader.HOURS)):
        reader.deliver()
    assert reader.late, "some gathered news waited for another day"
    assert max(Counter(reader.sent.values()).values()) == most - 1, "a place is left for the digest"
    told = {key for sent in reader.sent for key in (sent, *reader.stand_for.get(sent, ()))}
    waiting = {key for one in reader.waiting for key in (one.key, *reader.stand_for.get(one.key, ()))}
    assert {key for key in told | waiting if not key.startswith("gathered:")} == reader.asked


class Reader:
    """One reader of replies to stalls for many days; Slack refuses half of the messages with gathered news."""

    HOURS = (10, 13, 15, 23)

    def __init__(self, most: int, luck: Random) -> None:
        playbook = build_playbook()
        playbook = replace(playbook, ladder=replace(playbook.ladder, messages_a_day=most))
        self.reviewed = {CASE.key: review(CASE, playbook, NOW)}
        self.hours, self.calendar = playbook.pace.hours, CASE.calendar
        self.luck, self.moments = luck, 0
        self.waiting: list[Leased] = []
        self.days: dict[str, str] = {}
        """The day on which a message counts, by its key, as the ledger has it."""
        self.sent: dict[str, str] = {}
        self.stand_for: dict[str, tuple[str, ...]] = {}
        self.asked: set[str] = set()
        self.late: set[str] = set()

    def deliver(self) -> None:
        now = NOW.replace(hour=0) + timedelta(days=self.moments // 4, hours=self.HOURS[self.moments % 4])
        self.moments += 1
        if now.hour < 20:
            for _ in range(self.luck.choice((0, 0, 0, 1, 2, 6))):
                key = f"{len(self.asked):04}"
                self.asked.add(key)
                data = {"method": "post", "thread": True}
                self.waiting.append(replace(_first_message(0), key=key, due_at=now, data=data))
        leaving = [one for one in self.waiting if one.due_at <= now and not self._put_off(one, now)]
        payload = {"method": "chat.postMessage", "channel": "cleo@vendor.test", "post": asdict(Post(headline="x"))}
        payload |= {"ts": None, "thread_ts": "1.2", "mentions": True, "as_of": now.isoformat(), "for": "Cleo"}
        changes, together = ration([(one, payload) for one in leaving], self.reviewed, now, self._reserve)
        for one in leaving:
            self.waiting.remove(one)
            change = changes.get(one.key)
            if change is None:
                self._send(one, now)
            elif change.due_at is not None:
                self.waiting.append(replace(one, due_at=change.due_at))
        for planned in together:
            self.stand_for[planned.key] = stands_for(planned)
            self.days[planned.key] = planned.data["counts_on"]
            core = {name: getattr(planned, name) for name in ("key", "kind", "occurrence", "data", "due_at", "because")}
            self._send(replace(_first_message(0), onboarding_key=None, **core), now)

    def _put_off(self, one: Leased, now: datetime) -> bool:
        change = None if one.onboarding_key else waits_for_hours(one, self.calendar, self.hours, now)
        if change is not None and change.due_at is not None:
            self.waiting[self.waiting.index(one)] = replace(one, due_at=change.due_at)
        return change is not None

    def _send(self, one: Leased, now: datetime) -> None:
        if one.onboarding_key is None and self.luck.random() < 0.5:
            self.waiting.append(
                replace(one, due_at=now + timedelta(hours=self.luck.choice((1, 22, 26))), payload={"stored": True})
            )
            return
        assert one.key not in self.sent
        day = now.astimezone(ZoneInfo("Europe/Berlin")).date().isoformat()
        self.sent[one.key] = day
        if one.onboarding_key is None and day != one.data["counts_on"]:
            self.late.add(one.key)

    def _reserve(self, notices: Sequence[Notice]) -> Ration:
        mine = {one.key for one in notices}
        gathered = {one.key for one in self.waiting if one.onboarding_key is None} | self.sent.keys()
        counted = Counter(("005CSM", day) for key, day in self.days.items() if key in gathered and key not in mine)
        found = admit_notices(notices, counted)
        self.days |= {one.key: one.day for one in found.admitted}
        return found


def test_what_is_critical_leaves_before_what_is_not_whatever_its_words() -> None:
    playbook = build_playbook()
    playbook = replace(playbook, ladder=replace(playbook.ladder, messages_a_day=3))
    leaving = [
        (_first_message(number), {"method": "chat.postMessage", "channel": "cleo@vendor.test", "post": post})
        for number, severity in enumerate((Severity.WARNING, Severity.WARNING, Severity.CRITICAL))
        for post in (asdict(Post(headline="Acme: owner missing", severity=severity)),)
    ]
    asked: list[Notice] = []

    def reserve(notices: Sequence[Notice]) -> Ration:
        asked.extend(notices)
        return admit_notices(notices, {})

    changes, _ = ration(leaving, {CASE.key: review(CASE, playbook, NOW)}, NOW, reserve)
    assert len(asked) == 3
    assert set(changes) == {"1"}, "the second warning waits for the next working day, not what is critical"


def test_a_message_that_would_expire_before_the_next_working_day_waits_for_it_all_the_same_and_stays_useful() -> None:
    playbook = build_playbook()
    playbook = replace(playbook, ladder=replace(playbook.ladder, messages_a_day=3))
    review_of_90_days = replace(_first_message(1), kind="risk_review", expires_at=NOW + timedelta(hours=6))
    payload = {"method": "chat.postMessage", "channel": "cleo@vendor.test", "post": asdict(Post(headline="x"))}
    full = Counter({("005CSM", DAY): 2})
    changes, together = ration(
        [(review_of_90_days, payload)],
        {CASE.key: review(CASE, playbook, NOW)},
        NOW,
        lambda notices: admit_notices(notices, full),
    )
    change, tomorrow = changes["1"], datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert (change.due_at, together) == (tomorrow, ())
    assert change.expires_at == tomorrow + timedelta(days=1)


@pytest.mark.parametrize(("kind", "days"), [("absence", ["2026-03-10"]), ("digest", [])])
def test_a_note_counts_on_its_readers_day_and_a_digest_not_at_all_as_its_place_is_kept(
    kind: str, days: list[str]
) -> None:
    evening = datetime(2026, 3, 9, 16, tzinfo=UTC)
    note = replace(
        _first_message(1),
        kind=kind,
        onboarding_key=None,
        data=absence_data("Asia/Tokyo", evening) if kind == "absence" else {"zone": "Asia/Tokyo"},
    )
    asked: list[Notice] = []

    def reserve(notices: Sequence[Notice]) -> Ration:
        asked.extend(notices)
        return admit_notices(notices, {})

    payload = {"method": "chat.postMessage", "channel": "cleo@vendor.test", "post": asdict(Post(headline="x"))}
    ration([(note, payload)], {}, evening, reserve)
    assert [one.day for one in asked] == days


def absence_data(zone: str, now: datetime) -> Mapping[str, Any]:
    """Return the data of the note that tells somebody in this zone of their own absence."""
    away = Absence(since=now.date(), back=now.date() + timedelta(days=3), source=AbsenceSource.PERSON)
    one = replace(CASE.owners["005CSM"], zone=zone, absences=(away,))
    news = due_news({one.id: one}, frozenset(), lambda _: True, now)
    (effect,) = absence_effects(news, (), now)
    return effect.data


def _first_message(number: int) -> Leased:
    return Leased(
        key=f"{number}",
        kind="stall",
        occurrence=f"{number}.1",
        channel=Channel.SLACK,
        person_id="005CSM",
        recipient="cleo@vendor.test",
        role="csm",
        due_at=NOW + timedelta(minutes=number),
        because="Frank left and nobody stands in",
        onboarding_key=CASE.key,
        data={"method": "post", "thread": False},
        lease_until=NOW + timedelta(minutes=1),
    )


def test_the_gathered_message_names_each_change() -> None:
    news = ("The champion left.", "Also late.", "Next step: call")

    def payload(name: str) -> dict[str, object]:
        return {
            "method": "chat.postMessage",
            "channel": "cleo@vendor.test",
            "for": "Cleo",
            "post": asdict(Post(headline=f"{name}: now critical", lines=news, brief=news[:2])),
            "ts": None,
            "thread_ts": "1.2",
            "mentions": True,
            "as_of": NOW.isoformat(),
        }

    found = gathered_post([payload("Acme"), payload("Bolt")])
    assert found.headline == "2 more changes in your onboardings today"
    assert found.lines == (
        "• Acme: now critical. The champion left. Also late.",
        "• Bolt: now critical. The champion left. Also late.",
    )
