"""The arrows between the rooms, and what each room may lean on from outside."""

import ast
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS: dict[str, frozenset[str]] = {
    "cli": frozenset({"flows", "supervisor", "web", "sandbox", "tasks", "database", "config", "onboarding"}),
    "flows": frozenset({"supervisor", "tasks", "config", "onboarding"}),
    "supervisor": frozenset({"tasks", "config"}),
    "web": frozenset({"tasks", "database", "config", "onboarding"}),
    "sandbox": frozenset({"config", "onboarding"}),
    "tasks": frozenset({"integrations", "database", "config", "onboarding"}),
    "integrations": frozenset({"onboarding", "config"}),
    "database": frozenset({"onboarding", "config"}),
    "config": frozenset({"onboarding"}),
    "onboarding": frozenset(),
}
LIBRARIES: dict[str, frozenset[str]] = {
    "cli": frozenset({"typer", "rich", "pydantic", "uvicorn"}),
    "flows": frozenset({"prefect", "pydantic"}),
    "supervisor": frozenset({"prefect", "uvicorn", "filelock", "dotenv", "pydantic", "yaml"}),
    "web": frozenset({"starlette", "uvicorn", "h11", "pydantic", "jinja2", "itsdangerous", "mcp", "mcp_types"}),
    "sandbox": frozenset({"starlette", "uvicorn", "cryptography", "trustme", "jwt", "yaml"}),
    "tasks": frozenset({"prefect", "prometheus_client", "pydantic", "itsdangerous", "jinja2", "matplotlib"}),
    "integrations": frozenset(
        {
            "httpx",
            "icalendar",
            "recurring_ical_events",
            "simple_salesforce",
            "slack_sdk",
            "requests",
            "pydantic",
            "cryptography",
            "filelock",
        }
    ),
    "database": frozenset({"sqlalchemy", "sqlmodel", "alembic", "pydantic", "pydantic_core", "psycopg"}),
    "config": frozenset({"babel", "pydantic", "dotenv", "yaml", "jinja2", "markupsafe", "holidays", "markdown_it"}),
    "onboarding": frozenset({"pydantic", "numpy", "scipy"}),
}
CLOCKLESS = ("onboarding", "tasks", "database", "integrations")
CLOCK_READERS = frozenset(
    {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
    }
)
MAY_READ_THE_CLOCK = frozenset({"database/shared_clock.py", "integrations/far_clocks.py"})
"""The wall clock of a run context: leases need it, and the sample is made for today; and the clock that is compared."""
LONGEST_MODULE = 250
MOST_MODULES = 16
"""In one folder, with its ``__init__``: some fifteen that answer one question together."""
MOST_ARGUMENTS = 5
MOST_LONG_SIGNATURES = 0.02
"""The part of all functions that may take more: commands with many options, and what a library asks for."""
LAYERS: dict[str, str] = {
    "onboarding": (
        "playbook_changes board audit metrics explain plan_page forecast simulation effects review_case crm health "
        "messages languages forms account_plan touchpoints shared_plan drafts escalations facts own_tasks "
        "booking stalls clashes newcomers profiles stages conditions people permissions tracks privacy sentences "
        "dates review_context orders usage brand model values acts"
    ),
    "tasks": (
        "monitoring slack plan_page approvals clashes profiles commands prefect_tasks reporting simulation delivery "
        "booking intake playbooks review views runtime progress"
    ),
    "database": (
        "import_file export_file erasure reporting playbooks onboardings events opening outbox privacy snapshot "
        "approvals channels crm upgrades key_values transitions shared_clock engine migrations turns statements "
        "bulk tables acting"
    ),
    "integrations": (
        "signals csv_crm salesforce crm mail recording slack calendars departure_log far_clocks instants locks ports "
        "tls"
    ),
    "config": "playbook_library sample_portfolio company mail_templates languages settings files",
    "cli": (
        "__main__ recording playbooks commands main pages services check printing tables logs opening terminal "
        "control_characters lazy authorized options"
    ),
    "sandbox": "running server rest soql org certificate schema",
    "supervisor": (
        "up server deployments gate headers probe processes api prefect_settings lock login process_marks watchdog"
    ),
}
"""The folders of a room and the modules beside them: each imports only what stands after it."""
PREFECT_TASKS = ROOT / "tasks" / "prefect_tasks.py"
"""The one module outside ``flows/`` that is written for Prefect; only flows import it."""


def modules(room: str) -> Iterator[Path]:
    yield from sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not _is_a_handle(node):
            yield node.lineno, "." * node.level + (node.module or "")


def _is_a_handle(node: ast.ImportFrom) -> bool:
    """An open transaction is passed around under its library's type; nothing else of that library is."""
    return node.module == "sqlalchemy" and [alias.name for alias in node.names] == ["Connection"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_below_it_and_its_own_libraries(room: str) -> None:
    allowed = ROOMS[room] | LIBRARIES[room] | {room} | sys.stdlib_module_names
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imports(path)
        if name.partition(".")[0] not in allowed
    ]
    assert not wrong, "the arrows between the rooms forbid:\n" + "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_resolves_inside_this_repository(room: str) -> None:
    found = importlib.util.find_spec(room)
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin).resolve().is_relative_to(ROOT), f"another project's {room} shadows ours"


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("flows", "supervisor")])
def test_only_flows_and_the_prefect_tasks_import_prefect_with_the_module(room: str) -> None:
    """Importing Prefect costs more than a whole ``first90 status``; no other command pays it."""
    eager = [
        f"{path.relative_to(ROOT)}:{node.lineno} imports {name}"
        for path in modules(room)
        if path.name != PREFECT_TASKS.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for _, name in _names(node)
        if name.partition(".")[0] == "prefect" or name.rpartition(".")[2] == PREFECT_TASKS.stem
    ]
    assert not eager, "import prefect inside the function that needs it: " + ", ".join(eager)
    assert PREFECT_TASKS.exists()


@pytest.mark.parametrize("room", CLOCKLESS)
def test_only_the_edge_reads_the_clock(room: str) -> None:
    readers = [
        f"{path.relative_to(ROOT)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in modules(room)
        if path.relative_to(ROOT).as_posix() not in MAY_READ_THE_CLOCK
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _last_two(node.func) in CLOCK_READERS
    ]
    assert not readers, "take `now` as an argument instead:\n" + "\n".join(readers)


def test_a_mail_is_addressed_in_one_place() -> None:
    """There it is redirected where a rehearsal asks for that: one that forgets it would reach a customer."""
    made = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in modules(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "MailPayload"
    ]
    assert sorted(made) == ["onboarding/effects/payloads.py", "tasks/delivery/payload_inputs.py"], "use enveloped()"


def test_no_flow_leans_on_another_flow() -> None:
    shared = {f"flows.{name}" for name in ("options", "reports", "run", "artifact", "events")}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("flows")
        if path.name != "cycle.py"
        for line, name in imports(path)
        if name.startswith("flows.") and name not in shared and not name.startswith("supervisor.")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS)
def test_modules_stay_readable(room: str) -> None:
    long = [
        f"{path.relative_to(ROOT)} has {lines} lines"
        for path in modules(room)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    ]
    assert not long, f"split at a boundary of meaning, {LONGEST_MODULE} lines are the ceiling:\n" + "\n".join(long)


@pytest.mark.parametrize("room", LAYERS)
def test_a_folder_imports_only_the_folders_after_it(room: str) -> None:
    order = LAYERS[room].split()
    found = {_part(path) for path in modules(room) if path.parent != ROOT / room or path.name != "__init__.py"}
    assert sorted(found) == sorted(order), "name every folder and module of the room in LAYERS, once"
    files = {_module(path): path for path in modules(room)}
    wrong = [
        f"{name} imports {needed}"
        for name, path in files.items()
        for needed in sorted(_needed(path, files))
        if "." in name and "." in needed and order.index(needed.split(".")[1]) < order.index(name.split(".")[1])
    ]
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other() -> None:
    files = {_module(path): path for room in ROOMS for path in modules(room)}
    needs = {name: _needed(path, files) - {name} for name, path in files.items()}
    while free := {name for name, needed in needs.items() if not needed & needs.keys()}:
        needs = {name: needed for name, needed in needs.items() if name not in free}
    assert not needs, f"these import each other, or one that does: {', '.join(sorted(needs))}"


def test_a_folder_holds_what_one_can_survey() -> None:
    folders = {path.parent for room in ROOMS for path in modules(room)}
    folders.discard(ROOT / "database" / "migrations" / "versions")  # a numbered series, one a change of the schema
    full = [f"{folder.relative_to(ROOT)}" for folder in folders if len(list(folder.glob("*.py"))) > MOST_MODULES]
    assert not full, f"more than {MOST_MODULES} modules: {', '.join(sorted(full))}"


def test_few_functions_take_a_train_of_arguments() -> None:
    functions = [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.args)
        for room in ROOMS
        for path in modules(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [name for name, given in functions if _arguments(given) > MOST_ARGUMENTS]
    assert len(long) <= MOST_LONG_SIGNATURES * len(functions), (
        f"{len(long)} of {len(functions)} take more than {MOST_ARGUMENTS}; hand over one frozen value, as "
        "onboarding/orders.py does:\n" + "\n".join(long)
    )


def _arguments(given: ast.arguments) -> int:
    named = (*given.posonlyargs, *given.args, *given.kwonlyargs)
    return sum(1 for one in named if one.arg not in ("self", "cls"))


def _part(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[1]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _needed(path: Path, files: Mapping[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & files.keys() or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & files.keys()


def _names(node: ast.Import | ast.ImportFrom) -> list[tuple[int, str]]:
    if isinstance(node, ast.Import):
        return [(node.lineno, alias.name) for alias in node.names]
    return [(node.lineno, node.module or "")]


def _last_two(function: ast.expr) -> str:
    return ".".join(ast.unparse(function).split(".")[-2:])
