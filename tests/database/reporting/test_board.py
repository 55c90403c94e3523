"""The board's filters, counts and order in SQL are those of the summaries, and only what is shown is parsed."""

import itertools
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from database.engine import revision
from database.onboardings import overview, saves
from database.reporting import board as stored
from database.upgrades import configuration, upgrade
from onboarding.board.portfolio import MOST_CARDS, MOST_LINES, Attention, Filter
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import Stage, Status, Tier
from tasks.views.board import stage_board, whole_board

OWNERS = (None, "mia@vendor.test", "Mia@Vendor.test", "kim@vendor.test")
NAMES = ("Acme", "Zoë & Söhne", "100 % Straße", "acme_2")
GONE = (Status.CHURNED.value, Status.CANCELLED.value)


def varied(world, rng, case, **more):
    """Return a review whose summary has everything that the board looks at, at random."""
    stage, status = rng.choice(list(Stage)), rng.choice(list(Status))
    summary = {
        "account_name": rng.choice(NAMES),
        "status": status,
        "stage": stage,
        "tier": Tier(rng.choice(("mid", "high"))),
        "owner": rng.choice(OWNERS),
        "covers_for": rng.choice((None, None, "kim@vendor.test")),
        "health": rng.choice((None, 20, 80)),
        "health_band": rng.choice(("green", "red", "unknown")),
        "stalled_since": rng.choice((None, world.now)),
        "stall_severity": rng.choice((None, "warning", "critical")),
        "blocked": rng.choice((None, None, "which deal it is")),
        "unheld_roles": rng.choice(((), ("vendor:implementation_engineer",))),
        **more,
    }
    progress = replace(case.progress, stage=summary["stage"], status=summary["status"])
    return world.reviewed(case, progress=progress, summary=summary)


@pytest.fixture
def portfolio(database, world, opened):
    """Return a function that saves so many reviewed onboardings, and one that no review has seen."""

    def fill(count, **more):
        keys, rng = opened(count + 1), random.Random(count)
        with database.writing() as conn:
            reviews = [varied(world, rng, case, **more) for case in world.load(conn, *keys[:-1])]
            assert not saves.save(conn, reviews, as_of=world.now, by="test")

    return fill


def holds(line, why):
    if line["status"] not in ("active", "on_hold"):
        return False
    return bool(
        {
            Attention.STALLED: line["stalled_since"],
            Attention.CRITICAL: line["stall_severity"] == "critical",
            Attention.DECISION: line["blocked"],
            Attention.HELD: line["status"] == "on_hold",
            Attention.ROLE: line["unheld_roles"],
        }[why]
    )


def accepts(asked, line):
    """Return whether a filter accepts a line, by the line alone."""
    people = {one_spelling(line[name]) for name in ("owner", "covers_for") if line[name]}
    return (
        line["status"] not in GONE
        and (not asked.owner or one_spelling(asked.owner) in people)
        and (not asked.tier or line["tier"] == asked.tier)
        and (not asked.health or line["health_band"] == asked.health)
        and (asked.attention is None or holds(line, asked.attention))
        and (asked.stage is None or line["stage"] == asked.stage)
        and asked.text.casefold() in line["account_name"].casefold()
    )


def filters():
    owners, texts = ("", "MIA@vendor.test", "kim@vendor.test", "no@vendor.test"), ("", "ACME", "STRASSE", "%", "_", "'")
    for owner, text, why in itertools.product(owners, texts, (None, *Attention)):
        yield Filter(owner=owner, text=text, attention=why)
    for tier, health, stage in itertools.product(("", "mid", "none"), ("", "red"), (None, *Stage)):
        yield Filter(tier=tier, health=health, stage=stage, text="a")
    yield from (Filter(text="\0"), Filter(tier="\0"), Filter(owner="\0"), Filter(text="%_" * 30_000))


def without_title(line):
    return {name: value for name, value in line.items() if name != "next_title"}


def test_every_filter_counts_and_sorts_as_the_summaries_themselves_say(database, portfolio):
    portfolio(80)
    with database.reading() as conn:
        lines = overview.status_lines(conn)
        known = stored.portfolio(conn)
        assert len(lines) == 80
        assert stored.keys(conn) == [line["deal_id"] for line in lines]
        live = [line for line in lines if line["status"] in ("active", "on_hold")]
        assert known.live == len(live)
        assert known.attention == {why: sum(holds(line, why) for line in live) for why in Attention}
        assert min(known.attention.values()) > 0
        people = {line[name] for line in lines for name in ("owner", "covers_for")}
        assert known.owners == sorted(people - {None})
        assert known.tiers == ["high", "mid"]
        for asked in filters():
            wanted = [line for line in lines if accepts(asked, line)]
            assert stored.lines(conn, asked, known) == wanted, asked
            assert stored.lines(conn, asked, known, 3, 2) == wanted[2:5]
            count = Counter(line["stage"] for line in wanted)
            stalled = Counter(line["stage"] for line in wanted if holds(line, Attention.STALLED))
            expected = {Stage(stage): (number, stalled[stage]) for stage, number in count.items()}
            assert stored.stage_counts(conn, asked, known) == expected
            board = whole_board(conn, asked)
            assert board.shown == len(wanted)
            for column in board.columns:
                mine = [line for line in wanted if line["stage"] == column.stage]
                assert [without_title(line) for line in column.lines] == mine[:MOST_CARDS]
                assert (column.count, column.stalled) == expected.get(column.stage, (0, 0))


def test_a_page_parses_what_it_shows_and_the_last_page_stands_for_those_after_it(database, portfolio, monkeypatch):
    size = MOST_LINES + 30
    portfolio(size, stage=Stage.SETUP, status=Status.ACTIVE)
    parsed = []
    read = stored.from_json
    monkeypatch.setattr(stored, "from_json", lambda text: parsed.append(text) or read(text))
    with database.reading() as conn:
        everything = [line["deal_id"] for line in overview.status_lines(conn)]
        for page, shown in ((1, everything[:MOST_LINES]), (2, everything[MOST_LINES:]), (9, everything[MOST_LINES:])):
            parsed.clear()
            board = stage_board(conn, Filter(), Stage.SETUP, page)
            assert [line["deal_id"] for line in board.columns[0].lines] == shown
            assert (board.page, board.pages, board.shown) == (min(page, 2), 2, size)
            assert len(parsed) == len(shown)
        whole = stage_board(conn, Filter(), Stage.SETUP, None)
        assert [line["deal_id"] for line in whole.columns[0].lines] == everything
        parsed.clear()
        (column,) = [one for one in whole_board(conn, Filter()).columns if one.count]
        assert (len(column.lines), column.count, len(parsed)) == (MOST_CARDS, size, MOST_CARDS)


def test_a_later_review_moves_the_line_and_a_quiet_one_leaves_it(database, world, portfolio):
    portfolio(1, stage=Stage.KICKOFF, status=Status.ACTIVE, owner="mia@vendor.test")
    key = world.key(1)

    def saved(**summary):
        with database.writing() as conn:
            (case,) = world.load(conn, key)
            status = summary.get("status", Status.ACTIVE)
            progress = replace(case.progress, stage=summary["stage"], status=status)
            review = world.reviewed(case, progress=progress, summary=summary)
            assert not saves.save(conn, [review], as_of=world.now + timedelta(hours=1), by="test")
        with database.reading() as conn:
            known = stored.portfolio(conn)
            return known.live, known.owners, dict(stored.stage_counts(conn, Filter(), known))

    moved = saved(stage=Stage.SETUP, owner="kim@vendor.test", stalled_since=world.now)
    assert moved == (1, ["kim@vendor.test"], {Stage.SETUP: (1, 1)})
    assert saved(stage=Stage.SETUP, owner="kim@vendor.test", stalled_since=world.now) == moved
    assert saved(stage=Stage.SETUP, status=Status.CHURNED) == (0, ["csm@vendor.example"], {})


def test_the_migration_makes_the_lines_of_summaries_that_were_saved_before_it(database, portfolio):
    from alembic import command

    portfolio(40)
    with database.reading() as conn:
        before = stored.portfolio(conn), [stored.lines(conn, asked, stored.portfolio(conn)) for asked in filters()]
    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, "0045")
    assert revision(database) == "0045"
    upgrade(database)
    with database.reading() as conn:
        known = stored.portfolio(conn)
        assert (known, [stored.lines(conn, asked, known) for asked in filters()]) == before
