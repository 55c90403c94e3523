"""``simulate`` from outside: the files in the out folder, that it repeats, and that a real cycle does the same."""

import csv
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.company.behaviour import load_behaviour
from config.company.calendars import calendar_of
from config.sample_portfolio.export import address
from config.sample_portfolio.sample import make_sample
from config.sample_portfolio.stories import stories
from config.settings.load import Settings, load_settings
from database.onboardings.overview import effect_lines
from flows.cycle import Cycle, run_cycle
from integrations.mail.message import EFFECT_HEADER
from onboarding.dates.working_time import is_working_day
from onboarding.escalations.thread_lines import number_of
from onboarding.model.vocabulary import Channel, EffectState, NewsKind
from onboarding.simulation.behaviour import Behaviour, Habits
from tasks.runtime.context import open_run_context
from tasks.simulation import outbox
from tasks.simulation.report import SimulationResult
from tasks.simulation.simulate import Simulation, simulate
from tests.conftest import MadeOnce

A_SUNDAY = datetime(2026, 3, 8, 21, 0, tzinfo=UTC)
DAYS = 120


def fresh(home: Path) -> Settings:
    """Return settings with the sample of a Sunday in March, and nothing run yet."""
    with pytest.MonkeyPatch.context() as env:
        env.setenv("FIRST90_HOME", str(home))
        settings = load_settings(env_file=None)
    make_sample(settings.crm.folder, A_SUNDAY)
    return settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return fresh(tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="module")
def start(settings: Settings) -> datetime:
    return make_sample(settings.crm.folder, A_SUNDAY)


@pytest.fixture(scope="session")
def spring(made_once: MadeOnce) -> tuple[SimulationResult, Path]:
    """Return the result of 120 days of the sample, and its folder: simulated once for all workers of the suite."""

    def fill(folder: Path) -> tuple[SimulationResult, Path]:
        settings = fresh(folder / "home")
        start = make_sample(settings.crm.folder, A_SUNDAY)
        return lived_for(settings, start, folder / "spring", days=DAYS), folder / "spring"

    found: tuple[SimulationResult, Path] = made_once("spring", fill)
    return found


def lived_for(settings: Settings, start: datetime, out: Path, days: int = 3, **changes: Any) -> SimulationResult:
    return simulate(settings, Simulation(start=start, days=days, out=out, **changes), lambda _: None)


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.slow
def test_out_folder_holds_mails_posts_rows_a_timeline_and_a_report(spring: Any) -> None:
    lived, out = spring
    assert {path.name for path in out.iterdir()} == {"mails", "slack.jsonl", "crm", "timeline.csv", "report.md"}
    assert {path.name for path in (out / "crm").iterdir()} == {"Onboarding__c.csv", "Onboarding_Milestone__c.csv"}
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (out / "mails").iterdir()]
    posts = [json.loads(line) for line in (out / "slack.jsonl").read_text(encoding="utf-8").splitlines()]
    by_channel = Counter(one.effect.channel for one in lived.sent)
    assert len(mails) == by_channel[Channel.MAIL] > 200
    assert len(posts) == by_channel[Channel.SLACK] > 200
    with (out / "timeline.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(lived.sent)


@pytest.mark.slow
def test_the_same_days_give_the_same_bytes(settings: Settings, start: datetime, tmp_path: Path) -> None:
    lived_for(settings, start, tmp_path / "one", days=10)
    lived_for(settings, start, tmp_path / "two", days=10)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.slow
def test_a_review_after_a_message_that_proves_nothing_is_left_out(
    settings: Settings, start: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = lived_for(settings, start, tmp_path / "one", days=30)
    monkeypatch.setattr(outbox, "may_change_review", lambda kind, playbook: True)
    every = lived_for(settings, start, tmp_path / "two", days=30)
    assert fewer.reviews < every.reviews - 20
    assert (fewer.sent, fewer.journal, fewer.summaries) == (every.sent, every.journal, every.summaries)


@pytest.mark.slow
def test_nothing_outside_of_the_out_folder_is_touched(settings: Settings, start: datetime, tmp_path: Path) -> None:
    before = files(settings.home)
    lived_for(settings, start, tmp_path / "out")
    assert files(settings.home) == before
    assert not settings.database_url.endswith("first90.db") or not (settings.home / "first90.db").exists()


@pytest.mark.slow
def test_its_first_moment_is_what_a_real_cycle_does(settings: Settings, start: datetime, tmp_path: Path) -> None:
    lived = lived_for(settings, start, tmp_path / "out", days=1)
    with pytest.MonkeyPatch.context() as env:
        env.setenv("FIRST90_HOME", str(tmp_path / "home"))
        real = load_settings(env_file=None)
    make_sample(real.crm.folder, A_SUNDAY)
    with open_run_context(real) as context:
        run_cycle(context, Cycle(as_of=start, plain=True), lambda _: None)
        with context.database.reading() as conn:
            lines = effect_lines(conn)
    # A real cycle plans a note to ops on what could not be read; a simulation plans none.
    told = {one["key"] for one in lines if one["state"] == "sent" and one["channel"] != "crm"} - {
        one["key"] for one in lines if one["kind"] == "set_aside"
    }
    simulated = {one.effect.key for one in lived.sent if one.at == start and one.effect.channel is not Channel.CRM}
    assert simulated == told


@pytest.mark.slow
def test_no_mail_leaves_at_night_at_a_weekend_or_on_a_holiday(spring: Any) -> None:
    zones = {told.account.domain: ZoneInfo(told.account.zone) for told in stories()}
    calendars = {told.account.domain: calendar_of(told.account.country, (2026,)) for told in stories()}
    for one in spring[0].sent:
        if one.effect.channel is Channel.MAIL:
            domain = one.recipient.partition("@")[2].lower()
            here = one.at.astimezone(zones[domain])
            assert 9 <= here.hour < 17, (one.effect.key, here)
            assert is_working_day(here.date(), calendars[domain]), (one.effect.key, here)


@pytest.mark.slow
def test_every_message_leaves_once(spring: Any) -> None:
    lived, out = spring
    keys = Counter(one.effect.key for one in lived.sent)
    assert max(keys.values()) == 1
    readers = Counter(
        (str(mail["To"]).lower(), str(mail[EFFECT_HEADER]).rsplit(":", 2)[0])
        for mail in (message_from_bytes(path.read_bytes(), policy=policy.default) for path in (out / "mails").iterdir())
    )
    assert max(readers.values()) == 1


@pytest.mark.slow
def test_every_reply_and_edit_belongs_to_a_message_that_is_there(spring: Any) -> None:
    posts = [json.loads(line) for line in (spring[1] / "slack.jsonl").read_text(encoding="utf-8").splitlines()]
    there: set[str] = set()
    for post in posts:
        if post["method"] == "chat.update":
            assert post["ts"] in there
        else:
            assert post.get("thread_ts", post["ts"]) in {*there, post["ts"]}
            there.add(post["ts"])
    assert any("thread_ts" in post for post in posts)


@pytest.mark.slow
def test_no_person_gets_more_than_two_mails_a_day_or_three_as_a_tech_customer(spring: Any) -> None:
    tiers = {one.deal_id: one.tier for one in spring[0].summaries}
    days: dict[str, Counter[tuple[str, object]]] = {"tech": Counter(), "others": Counter()}
    for one in spring[0].sent:
        if one.effect.channel is Channel.MAIL:
            kind = "tech" if tiers[one.onboarding] == "tech" else "others"
            days[kind][one.recipient.lower(), one.at.date()] += 1
    assert max(days["others"].values()) == 2
    assert max(days["tech"].values()) <= 3


@pytest.mark.slow
def test_ordinary_customers_get_through_and_the_silent_are_told_of(spring: Any) -> None:
    found = {one.account_name: one for one in spring[0].summaries}
    assert found["Nordlicht Optik GmbH"].status == "completed"
    assert found["Caldwell Mutual Insurance plc"].status == "completed"
    never = found["Brûlerie Saint-Élise"]
    assert (never.stage, never.escalation_level) == ("handoff", 3)
    assert "The handoff is incomplete" in (never.stall_cause or "")


@pytest.mark.slow
def test_a_churned_customer_hears_nothing_for_all_the_days(spring: Any) -> None:
    domain = next(told.account.domain for told in stories() if told.story == "churned")
    assert not any(one.recipient.endswith(domain) for one in spring[0].sent)


@pytest.mark.slow
def test_who_opted_out_or_left_hears_nothing_for_all_the_days(spring: Any) -> None:
    quiet = {
        address(person.name, told.account.domain)
        for told in stories()
        for person in told.people
        if person.opted_out or person.left
    }
    assert len(quiet) == 2
    assert not quiet & {one.recipient for one in spring[0].sent}


@pytest.mark.slow
def test_behaviour_decides_what_stalls(settings: Settings, start: datetime, tmp_path: Path) -> None:
    idle = Habits(
        customer_days=365,
        vendor_days=365,
        uses_every_days=None,
        first_value_days=None,
        answers_after_hours=None,
    )
    lived = lived_for(settings, start, tmp_path / "idle", days=16, behaviour=Behaviour(everybody=idle))
    fresh = next(one for one in lived.summaries if one.account_name == "Nordlicht Optik GmbH")
    assert (fresh.stage, fresh.escalation_level) == ("kickoff", 3)
    assert (fresh.stall_cause or "").startswith("No kickoff is booked")


@pytest.mark.slow
def test_an_earlier_simulation_is_replaced_and_anything_else_is_left_alone(
    settings: Settings, start: datetime, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    lived_for(settings, start, out, days=2)
    first = files(out)
    lived_for(settings, start, out, days=1)
    assert files(out) != first
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(ValueError, match="holds something else"):
        lived_for(settings, start, mine)
    assert files(mine) == {"notes.txt": b"keep"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"]


@pytest.mark.parametrize("days", [0, 731])
def test_days_that_cannot_be_lived_are_refused(settings: Settings, start: datetime, tmp_path: Path, days: int) -> None:
    with pytest.raises(ValueError, match="cannot be lived"):
        lived_for(settings, start, tmp_path / "out", days=days)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_report_names_every_customer_and_keeps_commands_text(spring: Any) -> None:
    report = (spring[1] / "report.md").read_text(encoding="utf-8")
    for told in stories():
        if told.story not in {"deal_reopened", "unreadable_row", "still_open"}:
            assert told.account.name.replace("<", "&lt;") in report
    assert "<!channel>" not in report


def test_bundled_behaviour_names_customers_of_the_sample() -> None:
    assert set(load_behaviour().accounts) <= {told.account.name for told in stories()}


@pytest.mark.slow
def test_a_moment_before_the_end_is_in_and_the_end_is_not(settings: Settings, start: datetime, tmp_path: Path) -> None:
    lived = lived_for(settings, start, tmp_path / "out", days=1)
    assert start <= min(one.at for one in lived.sent)
    assert max(one.at for one in lived.sent) < start + timedelta(days=1)


@pytest.mark.slow
def test_each_turn_to_critical_and_each_climb_is_a_new_message(spring: Any) -> None:
    """Of each cause by its own messages, unless it was over before its reader's working hours began."""
    told = {one.effect.key for one in spring[0].sent}
    turns = 0
    for seen in spring[0].ended:
        for episode in seen.case.episodes:
            for news in episode.news:
                if news.what not in (NewsKind.CRITICAL, NewsKind.CLIMBED) or not news.level:
                    continue
                turns += 1
                cause = episode.causes[news.cause]
                new = [
                    line
                    for line in seen.case.effects
                    if line.kind == "stall" and line.occurrence.startswith(f"{episode.number}.") and not line.edits
                    if number_of(line) > news.after and (line.key in told or line.state is EffectState.PLANNED)
                ]
                over = cause.gone_at or episode.closed_at
                assert new or (over and over - news.at < timedelta(days=4)), (seen.case.account.name, news)
    assert turns > 50


@pytest.mark.slow
def test_a_reader_gets_at_most_twelve_messages_a_day_and_none_names_a_command(spring: Any) -> None:
    days: Counter[tuple[str, str]] = Counter()
    for line in (spring[1] / "slack.jsonl").read_text(encoding="utf-8").splitlines():
        post = json.loads(line)
        assert not re.search(r"(?<!/)\bfirst90 [a-z]", line), post["text"]
        if post["method"] == "chat.postMessage":
            days[post["channel"], datetime.fromtimestamp(float(post["ts"]), UTC).date().isoformat()] += 1
    assert max(count for (channel, _), count in days.items() if "@" in channel) <= 12


@pytest.mark.slow
def test_a_digest_repeats_at_most_a_fifth_of_the_lines_of_the_one_before(spring: Any) -> None:
    """Over all digests, and over those of each reader; of who gets few lines a single one may be more than that."""
    before: dict[str, set[str]] = {}
    weeks: dict[str, set[tuple[int, int]]] = {}
    repeated: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for one in (one for one in spring[0].sent if one.effect.kind == "digest"):
        # A line that differs by a number (points of health, days) repeats the same piece of work.
        lines = {re.sub(r"\d+", "N", line) for line in one.effect.data["post"]["lines"] if line.startswith("• ")}
        repeated[one.recipient] += len(lines & before.get(one.recipient, set()))
        count[one.recipient] += len(lines)
        year, week, _ = one.at.isocalendar()
        assert lines or (year, week) not in weeks.get(one.recipient, ()), "without news at most the first of a week"
        weeks.setdefault(one.recipient, set()).add((year, week))
        before[one.recipient] = lines
    assert count.total() > 100
    assert len([reader for reader in count if count[reader] >= 10]) >= 8, "enough readers to say"
    assert repeated.total() <= 0.2 * count.total()
    assert [reader for reader in count if repeated[reader] > max(0.2 * count[reader], 1)] == []


@pytest.mark.slow
def test_the_vendors_people_are_notified_in_their_own_working_hours_alone(spring: Any, settings: Settings) -> None:
    """Whatever the zone of the reader; edits notify nobody."""
    posted: Counter[str] = Counter()
    people = {one.email: one for seen in spring[0].ended for one in seen.case.owners.values()}
    calendars = {one.country: calendar_of(one.country, (2026,)) for one in people.values()}
    for one in spring[0].sent:
        reader = people.get(one.recipient)
        if one.effect.channel is not Channel.SLACK or reader is None or one.effect.data.get("method") == "update":
            continue
        here = one.at.astimezone(ZoneInfo(reader.zone))
        assert 9 <= here.hour < 17, (one.effect.key, here)
        assert is_working_day(here.date(), calendars[reader.country]), (one.effect.key, here)
        posted[reader.zone] += 1
    assert len(posted) >= 5, posted
