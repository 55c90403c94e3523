"""Nothing points outside the repository: every id, page and anchor that a file names is here.

``docs/requirements.md`` explains each id that anything cites, and only those.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from database.tables import metadata

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "docs" / "requirements.md"
KINDS = {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".html", ".mako", ".xml"}
NO_PARTS = {"__pycache__", "node_modules", "build", "dist", "var"}

NUMBERED = re.compile(r"\b(?!UTF-)[A-Z]{2,3}-\d{1,2}\b|\b[FRP]\d{1,2}\b")
ROLE = re.compile(r"\b(?:SH-[A-Z]{3,5}|TI-[HML])\b")
RANGE = re.compile(r"\b(?:([A-Z]{2}-)|([RP]))(\d+) to (?:\1|\2)(\d+)\b")
DEFINED = re.compile(r"^\| ([A-Z]{2,3}-[A-Z0-9]+|[RP]\d+) \|", re.MULTILINE)

_PAGES = "reliability|requirements?|integrations?|practice|design|contract|field|style|sources?"
OUTSIDE = re.compile(
    rf"\b(?:{_PAGES})\b,? (?:section )?\d+(?:\.\d+)?\b"
    r"|\bsection \d"
    r"|\bintegration facts\b"
    r"|the design's\b|\bof the contract\b|\bthe contract's\b|\((?:the )?contract[,)]|\((?:reliability|practice), "
    r"|\b(?:contract|design|style|reliability|prefect|integrations|practice|house|field)\.md\b"
    r"|\bsource: [\"']?00\d|, 00\d\b"
    r"|(?<![\w./])shared/|(?<![\w.])/work/|(?<![\w.])/root/"
    r"|\bissue #?\d",
    re.IGNORECASE,
)
"""How a page that the repository does not hold has been named."""

PAGE = re.compile(r"\bdocs/[\w-]+\.md(?:#[\w-]+)?")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]*)\)")


def _files() -> Iterator[Path]:
    """Every text file of the project."""
    top = [path for path in ROOT.iterdir() if not path.name.startswith(".")]
    for path in top + [path for folder in top if folder.is_dir() for path in folder.rglob("*")]:
        if (
            (path.suffix in KINDS or path.name == "Makefile")
            and path.is_file()
            and not NO_PARTS & set(path.relative_to(ROOT).parts)
        ):
            yield path


@cache
def texts() -> Mapping[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in _files() if path != Path(__file__)}


def cited(text: str) -> set[str]:
    """The ids that a text names, those inside of "HO-1 to HO-7" among them."""
    inside = {
        f"{family or letter}{number}"
        for family, letter, first, last in RANGE.findall(text)
        for number in range(int(first), int(last) + 1)
    }
    return inside | set(NUMBERED.findall(text)) | set(ROLE.findall(text))


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        found.add(plain.replace(" ", "-"))
    return found


def test_every_cited_id_is_explained() -> None:
    known = set(DEFINED.findall(REQUIREMENTS.read_text(encoding="utf-8")))
    unknown = {f"{path.relative_to(ROOT)}: {found}" for path, text in texts().items() for found in cited(text) - known}
    assert not unknown, "explain these in docs/requirements.md, or say it in words:\n" + "\n".join(sorted(unknown))


def test_every_explained_id_is_cited() -> None:
    explained = DEFINED.findall(REQUIREMENTS.read_text(encoding="utf-8"))
    assert len(explained) == len(set(explained))
    somewhere = set().union(*(cited(text) for path, text in texts().items() if path != REQUIREMENTS))
    assert [one for one in explained if one not in somewhere] == []


def test_no_file_names_a_page_outside_the_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{text[: hit.start()].count(chr(10)) + 1}: {hit.group()}"
        for path, text in texts().items()
        for hit in OUTSIDE.finditer(text)
    ]
    assert not found, "name a page of docs/, an id of docs/requirements.md or the reason:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "phrase",
    [
        "(reliability, 4.2 rule 10)",
        "the design's section 6",
        "(requirements 1.5",
        "reliability section 4.2",
        '(contract, "Salesforce"',
        "see prefect.md",
        'source: "001"',
        'source: "ST-2, 001"',
        "integrations, section 2",
        "practice, section 8",
        "issue 7",
    ],
)
def test_such_phrases_are_found(phrase: str) -> None:
    assert OUTSIDE.search(phrase)


def test_every_page_and_anchor_that_is_named_exists() -> None:
    missing = []
    for path, text in texts().items():
        named = [(ROOT, name) for name in PAGE.findall(text)]
        if path.suffix == ".md" and "templates" not in path.parts:
            named += [(path.parent, name) for name in LINK.findall(text)]
        for folder, name in named:
            file, _, anchor = name.partition("#")
            target = (folder / file) if file else path
            if not target.exists():
                missing.append(f"{path.relative_to(ROOT)}: {name}")
            elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
                missing.append(f"{path.relative_to(ROOT)}: {name} (no such heading)")
    assert not missing, "\n".join(missing)


TOP = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"var"}
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FUNCTION = re.compile(r"[a-z_]+\(\)")


def _pages() -> dict[Path, str]:
    top = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
    return {path: path.read_text(encoding="utf-8") for path in [*top, *(ROOT / "docs").glob("*.md")]}


def test_every_path_in_the_pages_exists() -> None:
    """What stands in backticks and begins with a folder of the project; ``*`` stands for any name."""
    missing = [
        f"{page.relative_to(ROOT)}: {named}"
        for page, text in _pages().items()
        for named in CODE.findall(text)
        if re.fullmatch(r"[\w./*-]+", named) and named.partition("/")[0] in TOP and "/" in named
        if "NAME" not in named and not any(ROOT.glob(named.rstrip("/")))
    ]
    assert not missing, "\n".join(missing)


def test_every_function_in_the_architecture_page_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = {one[:-2] for one in CODE.findall(page) if FUNCTION.fullmatch(one)}
    product = "\n".join(
        text for path, text in texts().items() if path.suffix == ".py" and "tests" not in path.relative_to(ROOT).parts
    )
    assert len(named) > 10
    assert [one for one in sorted(named) if not re.search(rf"^ *def {one}\(", product, re.MULTILINE)] == []


def test_every_table_and_column_in_the_glossary_exists() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    tables = set(re.findall(r"table `(\w+)`", page))
    columns = re.findall(r"column `(\w+)` of table `(\w+)`", page)
    assert len(tables) > 10
    assert [one for one in sorted(tables) if one not in metadata.tables] == []
    assert [one for one in columns if one[0] not in metadata.tables[one[1]].columns] == []


def drawn_arrows(number: int) -> set[tuple[str, str]]:
    """The arrows of one Mermaid diagram of the architecture page."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    diagram = re.sub(r"\[[^]]*\]", "", re.findall(r"```mermaid\n(.*?)```", page, re.DOTALL)[number])
    lines = [line.split("-->") for line in diagram.splitlines() if "-->" in line]
    return {(a.strip(), b.strip()) for left, right in lines for a in left.split("&") for b in right.split("&")}


def imported(folder: Path, of: Path) -> set[str]:
    """Which folders and modules of ``of`` the modules in ``folder`` import."""
    package = "".join(f"{part}." for part in of.relative_to(ROOT).parts)
    direct = re.compile(rf"^\s*(?:from|import) {re.escape(package)}(\w+)", re.MULTILINE)
    listed = re.compile(rf"^\s*from {re.escape(package[:-1])} import ([\w, ]+)", re.MULTILINE) if package else None
    found: set[str] = set()
    for path in folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]:
        text = path.read_text(encoding="utf-8")
        found.update(direct.findall(text))
        found.update(name for names in (listed.findall(text) if listed else ()) for name in re.split(r"\W+", names))
    return found - {folder.name}


def reached(arrows: set[tuple[str, str]], start: str) -> set[str]:
    new = {end for begin, end in arrows if begin == start}
    return new.union(*(reached(arrows, one) for one in new))


@pytest.mark.parametrize(("number", "of"), [(0, ROOT), (1, ROOT / "onboarding"), (2, ROOT / "tasks")])
def test_the_drawn_arrows_are_the_imports(number: int, of: Path) -> None:
    """Each drawn arrow is an import, and each import is drawn or follows from what is drawn."""
    arrows = drawn_arrows(number)
    drawn = {end for arrow in arrows for end in arrow}
    assert len(drawn) > 5
    imports = {one: imported(of / one, of) for one in drawn}
    idle = [f"{a} --> {b}" for a, b in sorted(arrows) if {a, b} <= drawn and b not in imports[a]]
    undrawn = [f"{a} --> {b}" for a in drawn for b in imports[a] & drawn if b not in reached(arrows, a)]
    assert (idle, undrawn) == ([], [])
