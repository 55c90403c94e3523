"""Homes with the small portfolio, on both databases."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import Settings, load_settings
from database.engine import connect
from integrations.ports import Guarantee
from tasks.runtime.context import RunContext, open_run_context
from tests.reliability import databases
from tests.reliability.far_side import Mood, Wire, provider
from tests.reliability.house import House, plan
from tests.reliability.post import START, Clock, MakePost, Post
from tests.reliability.small_portfolio import AS_OF, write_portfolio

MakeHouse = Callable[..., House]


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where the system has one: a killed process loses nothing there."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="first90-", dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def settle_in(quick_folder: Path, new_database_url: Callable[[str], str]) -> Callable[[str], Settings]:
    """Return a function that makes a home with the portfolio and an empty database; it returns the settings."""

    def make(dialect: str = "sqlite", name: str = "home", **more: str) -> Settings:
        home = quick_folder / name
        write_portfolio(home / "crm")
        given = {"home": str(home), "crm": f"csv:{home / 'crm'}", **more}
        if dialect == "postgres":
            given["database_url"] = new_database_url("postgres")
        with pytest.MonkeyPatch.context() as env:
            for variable, value in given.items():
                env.setenv(f"FIRST90_{variable.upper()}", value)
            return load_settings(env_file=None)

    return make


@pytest.fixture
def make_house(settle_in: Callable[..., Settings]) -> Iterator[MakeHouse]:
    """Return a function that opens a fresh home with the small portfolio at its own moment."""
    with ExitStack() as stack:

        def make(dialect: str = "sqlite", as_of: datetime = AS_OF, **more: str) -> House:
            settings = settle_in(dialect, **more)
            context = stack.enter_context(open_run_context(settings))
            house = House(home=settings.home, context=context, as_of=as_of)
            house.keep()
            return house

        yield make


@pytest.fixture
def make_post(make_house: Callable[..., House]) -> Iterator[MakePost]:
    """Return a function that plans the small portfolio for a provider of a class."""
    with ExitStack() as stack:

        def make(
            guarantee: Guarantee = Guarantee.KEYED, mood: Mood | None = None, dialect: str = "sqlite", **more: Any
        ) -> Post:
            house = make_house(dialect, **more)
            there = stack.enter_context(provider(keyed=guarantee == "keyed"))
            there.mood = mood or there.mood
            clock = Clock()
            clock.now = START
            context = replace(house.fresh(), mail=Wire(there.port, guarantee), wall_clock=clock)
            plan(context, AS_OF)
            post = Post(house, context, there, clock)
            assert len(post.owed) >= 4
            return post

        yield make


@pytest.fixture
def light_context(make_house: Callable[..., House]) -> Iterator[RunContext]:
    """Return a run context whose database need not survive a power cut: only processes fail here, not the machine."""
    house = make_house()
    ledger = connect(f"sqlite:///{house.home / 'first90.db'}", durable=False)
    yield replace(house.context, database=ledger)
    ledger.close()


@pytest.fixture
def own_postgres() -> Iterator[databases.OwnPostgres]:
    """Return a PostgreSQL of this test's own, which may crash and fill up."""
    with databases.own_postgres() as server:
        yield server
