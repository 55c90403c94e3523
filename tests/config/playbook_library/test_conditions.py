"""What ``playbook check`` says of conditions: unmapped fields are mistakes, what can never hold is warned of."""

import shutil
from pathlib import Path

import pytest

from config.mail_templates.render import Templates
from config.playbook_library.check import check, warnings
from config.playbook_library.library import BUNDLED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BUNDLED, tmp_path / "playbooks")
    return tmp_path / "playbooks"


def add(folder: Path, condition: str) -> int:
    """Give the milestone security_review of mid this condition; return the line on which it stands."""
    file = folder / "mid.yaml"
    lines = file.read_text("utf-8").splitlines()
    place = lines.index("      - name: security_review") + 1
    file.write_text("\n".join([*lines[:place], f"        when: {condition}", *lines[place:]]) + "\n", "utf-8")
    return place + 1


@pytest.mark.slow
def test_a_sound_condition_is_no_mistake(
    folder: Path,
) -> None:
    add(folder, "{products: [Analytics], region: [DE], fields: {industry: [Banking]}, seats: {at_least: 5}}")
    assert check(folder, Templates()) == ()
    assert warnings(folder, None) == ()
    assert warnings(folder, {"ANALYTICS"}) == ()


@pytest.mark.parametrize(
    ("condition", "field", "told"),
    [
        ("{segment: [SMB]}", "when.segment", "no field 'segment' is read from the CRM"),
        ("{fields: {industri: [Banking]}}", "when.fields.industri", "did you mean 'industry'"),
        ("{any_of: [{numbers: {staff: {at_least: 5}}}]}", "any_of[0].numbers.staff", "under fields of Account"),
        ("{fields: {segment: [SMB]}}", "when.fields.segment", "no field 'segment' is read from the CRM"),
        ("{numbers: {seats: {at_least: 5}}}", "when.numbers.seats", "no field 'seats' is read from the CRM"),
        ("{product: [Analytics]}", "when.product", "did you mean 'products'"),
        ("{}", "when", "must ask for something"),
    ],
)
def test_a_mistake_names_its_line_and_the_mend(folder: Path, condition: str, field: str, told: str) -> None:
    line = add(folder, condition)
    (mistake,) = check(folder, Templates())
    assert (mistake.file, mistake.line) == ("mid.yaml", line)
    assert field in mistake.field
    assert told in str(mistake)


def test_what_can_never_hold_is_warned_of(folder: Path) -> None:
    line = add(folder, "{tier: [high], products: [Analitics]}")
    tier, product = (str(one) for one in warnings(folder, {"Analytics", "Core"}))
    assert f"mid.yaml, line {line}" in tier
    assert "this is the playbook of mid" in tier
    assert "no deal so far has a product 'Analitics'. Mend: did you mean 'Analytics'" in product
    assert len(warnings(folder, None)) == 1, "nothing is said of products where none is known"


def test_a_tier_rule_on_a_complexity_that_is_not_mapped_is_a_mistake(folder: Path) -> None:
    text = (BUNDLED.parent / "tiers.yaml").read_text("utf-8")
    text = text.replace("{tier: mid, amount_from", "{tier: mid, complexity: [complex], amount_from")
    (folder / "tiers.yaml").write_text(text, "utf-8")
    (mistake,) = check(folder, Templates())
    line = text[: text.index("complexity: [complex]")].count("\n") + 1
    assert (mistake.file, mistake.line, mistake.field) == ("tiers.yaml", line, "rules[1].complexity")
    assert "as complexity under fields of Account or Opportunity" in mistake.mend
