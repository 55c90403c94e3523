"""The dashboards in ``salesforce/dashboards``: each tile draws a report, and that asks for what is there."""

import json
from itertools import groupby, product
from pathlib import Path
from xml.etree import ElementTree

import pytest

from onboarding.crm.projection import MILESTONE, ONBOARDING
from sandbox.schema.fields import PACKAGE, Schema, load_schema
from sandbox.schema.metadata import NAMESPACE

TYPES = PACKAGE / "force-app" / "main" / "default" / "reportTypes"
BASE = PACKAGE / "dashboards" / "main" / "default"
REPORTS = sorted(BASE.glob("reports/First90/*.report-meta.xml"))
DASHBOARDS = sorted(BASE.glob("dashboards/First90/*.dashboard-meta.xml"))
TABLES = {ONBOARDING: ONBOARDING, f"{ONBOARDING}.Milestones__r": MILESTONE}
OPERATORS = {"equals", "notEqual", "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"}
CHARTS = {"Bar", "Column", "Donut", "Funnel"}
RELATIVE = {"TODAY", "THIS_WEEK", "THIS_MONTH"}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema()


def root(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def text(tree: ElementTree.Element, path: str) -> str:
    """Return the text of an element, which must be there once."""
    [found] = tree.findall("/".join(NAMESPACE + part for part in path.split("/")))
    return found.text or ""


def elements(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return list(tree.iter(NAMESPACE + name))


def shown_by(report_type: str) -> set[str]:
    """Return the fields of a report type of the package, as reports write them."""
    tree = root(TYPES / f"{report_type.removesuffix('__c')}.reportType-meta.xml")
    return {f"{text(one, 'table')}${text(one, 'field')}" for one in elements(tree, "columns")}


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


@pytest.mark.parametrize("path", REPORTS, ids=name_of)
def test_a_report_asks_for_what_its_type_shows(path: Path, schema: Schema) -> None:
    tree = root(path)
    assert text(tree, "reportType").endswith("__c"), "a report type of one's own is named so by reports"
    known = shown_by(text(tree, "reportType"))
    columns = {text(one, "field") for one in elements(tree, "columns")}
    grouped = text(tree, "groupingsDown/field")
    filters = {text(one, "column") for one in elements(tree, "criteriaItems")}
    assert columns | {grouped} | filters <= known
    assert grouped not in columns, "an org refuses a field that is both"
    assert 0 < len(text(tree, "name")) <= 40
    assert 0 < len(text(tree, "description")) <= 255
    assert len(name_of(path)) <= 40


@pytest.mark.parametrize("path", REPORTS, ids=name_of)
def test_a_filter_compares_with_values_that_there_are(path: Path, schema: Schema) -> None:
    for one in elements(root(path), "criteriaItems"):
        table, _, name = text(one, "column").partition("$")
        field, value = schema.objects[TABLES[table]].fields[name], text(one, "value")
        assert text(one, "operator") in OPERATORS
        if field.picklist:
            assert set(value.split(",")) <= set(field.picklist)
        else:
            assert not value or value in RELATIVE


@pytest.mark.parametrize("path", DASHBOARDS, ids=name_of)
def test_each_tile_draws_a_report_by_what_that_is_grouped_by(path: Path) -> None:
    tree = root(path)
    tiles = elements(tree, "dashboardComponent")
    assert len(tiles) == 4
    for tile in tiles:
        folder, _, name = text(tile, "report").partition("/")
        report = root(BASE / "reports" / folder / f"{name}.report-meta.xml")
        assert text(tile, "groupingColumn") == text(report, "groupingsDown/field")
        assert text(tile, "componentType") in CHARTS
        measured = text(tile, "chartSummary/column")
        averaged = {text(one, "field") for one in elements(report, "columns") if elements(one, "aggregateTypes")}
        assert measured == "RowCount" or measured in averaged
        assert text(tile, "header") == text(report, "name")
    assert "runningUser" not in {one.tag.removeprefix(NAMESPACE) for one in tree}, "no org has the same user"
    assert 0 < len(text(tree, "description")) <= 255
    assert len(text(tree, "title")) <= 80


@pytest.mark.parametrize("path", DASHBOARDS, ids=name_of)
def test_tiles_fit_the_grid_and_do_not_overlap(path: Path) -> None:
    tree = root(path)
    width, taken = int(text(tree, "dashboardGridLayout/numberOfColumns")), set()
    for one in elements(tree, "dashboardGridComponents"):
        left, top, wide, high = (int(text(one, name)) for name in ("columnIndex", "rowIndex", "colSpan", "rowSpan"))
        places = set(product(range(left, left + wide), range(top, top + high)))
        assert left + wide <= width
        assert not places & taken
        taken |= places


def test_every_report_is_on_a_dashboard_and_both_have_their_folder() -> None:
    drawn = {text(tile, "report") for path in DASHBOARDS for tile in elements(root(path), "dashboardComponent")}
    assert drawn == {f"First90/{name_of(path)}" for path in REPORTS}
    assert len(DASHBOARDS) == 2
    for kind in ("report", "dashboard"):
        assert text(root(BASE / f"{kind}s" / f"First90.{kind}Folder-meta.xml"), "name") == "first90"


@pytest.mark.parametrize("path", [*REPORTS, *DASHBOARDS], ids=name_of)
def test_elements_of_one_name_stand_together(path: Path) -> None:
    """An org refuses a file in which elements of one name are not adjacent."""
    for tree in root(path).iter():
        names = [name for name, _ in groupby(child.tag for child in tree)]
        assert len(names) == len(set(names)), tree.tag


def test_the_objects_can_be_deployed_without_the_dashboards() -> None:
    """An edition without dashboards takes the first folder alone."""
    project = json.loads((PACKAGE / "sfdx-project.json").read_text("utf-8"))
    assert [(one["path"], one.get("default")) for one in project["packageDirectories"]] == [
        ("force-app", True),
        ("dashboards", None),
    ]
    assert not list((PACKAGE / "force-app").rglob("*.dashboard-meta.xml"))
