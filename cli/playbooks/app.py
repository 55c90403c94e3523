"""Commands about playbooks: check and show them; those that change what onboardings run on are in
``changes``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Unusable, tier_of
from cli.playbooks import changes, diff
from cli.printing import console, print_json, print_lines
from cli.tables import print_table, table

if TYPE_CHECKING:
    from config.playbook_library.library import PlaybookVersion
    from config.settings.load import Settings

app = typer.Typer(
    help="Check, show and compare playbooks; move onboardings in flight to another version.\n\n"
    "Example: [bold]first90 playbook show mid[/bold]",
    no_args_is_help=True,
    add_completion=False,
)
Folder = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="Folder of playbooks; default: the one in use.", show_default=False),
]


@app.command()
def check(
    folder: Folder = None,
    customers: Annotated[
        int, typer.Option("--customers", metavar="N", min=8, max=4000, help="How many customers to simulate.")
    ] = 72,
    as_json: AsJson = False,
) -> None:
    """Read playbooks, tier rules and templates, and tell every mistake with file, line, field and mend. Where there
    is a policies.yaml, prove its policies over simulated customers.

    Example: [bold]first90 playbook check playbooks/[/bold]
    """
    from cli.playbooks.policies import check_policies, print_verdicts, verdict_json
    from config.files.mistakes import PlaybookError
    from config.mail_templates.render import open_templates
    from config.playbook_library.check import check as find_mistakes
    from config.playbook_library.check import warnings
    from config.settings.load import load_settings

    settings = load_settings()
    place = folder or settings.playbooks
    if not place.is_dir():
        raise Unusable(f"{place} is no folder; name the folder that holds one YAML file for each tier")
    mistakes = find_mistakes(place, open_templates(settings.templates))
    if mistakes:
        raise PlaybookError(mistakes)
    told = warnings(place, _products(settings))
    if not as_json:
        print_lines(f"warning: {warning}" for warning in told)
        console().print(f"{place}: sound")
    verdicts = check_policies(settings, place.resolve(), customers)
    if as_json:
        print_json(
            {
                "playbooks": str(place),
                "warnings": [str(one) for one in told],
                "policies": [verdict_json(one) for one in verdicts],
            }
        )
    else:
        print_verdicts(verdicts)
    if not all(one.holds for one in verdicts):
        raise typer.Exit(1)


def _products(settings: "Settings") -> frozenset[str] | None:
    """Return the products of all deals; None where there is no database to ask."""
    from cli.opening import existing_database
    from database.crm.products import known_products
    from database.engine import DatabaseProblem

    try:
        database = existing_database(settings)
    except (Unusable, DatabaseProblem):
        return None
    try:
        with database.reading() as conn:
            return known_products(conn)
    finally:
        database.close()


@app.command()
def schema() -> None:
    """Print the JSON Schema of a playbook, for editors.

    Example: [bold]first90 playbook schema > playbook.schema.json[/bold]
    """
    from config.playbook_library.library import schema_text

    typer.echo(schema_text(), nl=False)


@app.command()
def show(
    tier: Annotated[str | None, typer.Argument(metavar="TIER", help="Its tier; all where it is left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show stages, milestones and steps by name, as `record`, `explain` and `effects` take them.

    Example: [bold]first90 playbook show mid[/bold]
    """
    from config.playbook_library.library import load_library
    from config.settings.load import load_settings

    library = load_library(load_settings().playbooks)
    wanted = tier_of(tier, library)
    chosen = [version for name, version in library.playbook_versions.items() if wanted in (None, name)]
    if as_json:
        print_json([_as_json(playbook_version) for playbook_version in chosen])
        return
    for playbook_version in chosen:
        _print(playbook_version)


for command in (
    diff.diff,
    changes.plan,
    changes.adopt,
    changes.rollback,
    changes.policy,
):
    app.command()(command)


def _as_json(playbook_version: "PlaybookVersion") -> dict[str, object]:
    from onboarding.conditions.conditional import conditional

    playbook = playbook_version.playbook
    return {
        "tier": playbook.tier,
        "title": playbook.title,
        "hash": playbook_version.hash,
        "target_days": playbook.target.days,
        "check_in_anchor": playbook.check_in_anchor,
        "stages": {
            stage.value: {
                "exit": list(plan.exit),
                "milestones": [milestone.name for milestone in plan.milestones],
            }
            for stage, plan in playbook.stages.items()
        },
        "milestones": [milestone.name for milestone in playbook.milestones()],
        "steps": [step.name for step in playbook.steps],
        "audience": dict(playbook.audience.roles) if playbook.audience else {},
        "conditions": [
            {"part": one.part, "name": one.name, "title": one.title, "when": one.when, "condition": one.key}
            for one in conditional(playbook)
        ],
    }


def _print(playbook_version: "PlaybookVersion") -> None:
    from onboarding.conditions.conditional import conditional

    playbook, out = playbook_version.playbook, console()
    out.print(f"[bold]{playbook.tier}[/bold] {playbook.title}, version {playbook_version.hash}")
    out.print(f"target {playbook.target.days} days; check-ins count from {playbook.check_in_anchor}\n")
    rows = [
        (
            stage if number == 0 else "",
            milestone.name,
            milestone.side,
            "yes" if milestone.name in plan.exit else "",
        )
        for stage, plan in playbook.stages.items()
        for number, milestone in enumerate(plan.milestones)
    ]
    print_table(table("Milestones", ("stage", "name", "whose work", "exit"), rows))
    steps = [(step.name, step.title, _ways(step.mail is not None, step.slack is not None)) for step in playbook.steps]
    print_table(table("\nSteps", ("name", "title", "goes by"), steps, title=1))
    if playbook.audience:
        print_table(table("\nWritten to from a stage on", ("role", "stage"), playbook.audience.roles.items()))
    if parts := conditional(playbook):
        conditions = [(one.part, one.name, one.when) for one in parts]
        print_table(table("\nOnly for some accounts", ("part", "name", "where"), conditions, where=1))
    out.print()


def _ways(mail: bool, slack: bool) -> str:
    return " and ".join(way for way, used in (("mail", mail), ("slack", slack)) if used)
