"""``first90 preview``: a message with real data, unsent."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.control_characters import harmless
from cli.options import AsJson, AsOf, Key, Unusable
from cli.printing import console, print_json

if TYPE_CHECKING:
    from onboarding.model.parties import Owner, Person
    from onboarding.model.playbook import Step
    from tasks.views.picture import Picture


def preview(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="A step or a mail template, such as welcome.")],
    key: Key,
    as_of: AsOf = None,
    html: Annotated[bool, typer.Option("--html", help="Print the HTML part instead of the text.")] = False,
    language: Annotated[
        str | None,
        typer.Option("--language", help="In this language, such as de; default: the reader's.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A message with real data, unsent.

    Example: [bold]first90 preview welcome "Acme Corp" --html > welcome.html[/bold]
    """
    from cli.pages.picture import take_picture

    seen = take_picture(key, as_of)
    steps = [step for step in seen.playbook.steps if template in (step.name, step.mail and step.mail.template)]
    if not steps:
        known = ", ".join(step.name for step in seen.playbook.steps)
        raise Unusable(f"{template!r} is no step or template of this onboarding's playbook; it has {known}")
    made = _composed(seen, steps[0], language)
    if as_json:
        print_json(made)
    elif html:
        typer.echo(harmless(made.get("html", "")))
    else:
        _print(made)


def _composed(seen: "Picture", step: "Step", wanted: str | None) -> dict[str, Any]:
    """Return the message as its first reader would get it now."""
    from dataclasses import replace

    from config.company.brand import load_brand, load_resources
    from config.company.languages import load_languages
    from config.mail_templates.render import open_templates
    from config.settings.load import load_settings
    from onboarding.languages.language import ENGLISH
    from onboarding.messages.letters import letter_context
    from onboarding.model.parties import Person
    from onboarding.plan_page.context import PageContext
    from onboarding.plan_page.mails.catch_up import catch_up_part
    from onboarding.plan_page.useful import resources_of_mail
    from onboarding.shared_plan.links import roles_of

    settings, state = load_settings(), seen.review.state
    brand = load_brand(settings.brand)
    templates = open_templates(settings.templates, brand)
    role, reader = _first_reader(seen, step)
    if reader is None:
        raise Unusable(f"nobody of {seen.case.account.name} could get {step.name}: its people are not known")
    spoken = ENGLISH
    if step.mail is not None and isinstance(reader, Person):
        known = [wanted] if wanted else load_languages().of(reader, seen.case.account, brand)
        spoken = templates.languages.of_mail(step.mail.template, known)
    letter = letter_context(
        seen.case, state, seen.playbook, step, reader, role, seen.now, stage=seen.review.progress.stage, language=spoken
    )
    made: dict[str, Any] = {"step": step.name, "role": role, "to": reader.email or reader.name, "language": spoken.tag}
    if step.mail is not None:
        if isinstance(reader, Person):
            page = PageContext(
                case=seen.case,
                review=seen.review,
                playbook=seen.playbook,
                now=seen.now,
                reader=reader,
                roles=roles_of(state, reader.id),
                language=spoken,
                resources=load_resources(settings.resources),
            )
            useful = resources_of_mail(page, step.mail.topic)
            letter = replace(letter, resources=useful, catch_up=catch_up_part(page))
        mail = templates.render(step.mail.template, letter)
        made |= {"subject": mail.subject, "preheader": mail.preheader, "text": mail.text, "html": mail.html}
    if step.slack is not None:
        made["slack"] = templates.say(step.slack.says, letter)
    return made


def _first_reader(seen: "Picture", step: "Step") -> "tuple[str, Person | Owner | None]":
    state = seen.review.state
    if step.mail is not None:
        wanted = (*step.mail.to.roles, *step.mail.to.otherwise)
        held = [(role.value, person) for role in wanted for person in state.holders.get(role, ())]
        contacts = [(wanted[0].value, person) for person in seen.case.people]
        return next(iter(held or contacts), (wanted[0].value, None))
    ours = step.slack.to if step.slack else ()
    return next(((role.value, state.team[role]) for role in ours if role in state.team), ("", None))


def _print(made: dict[str, Any]) -> None:
    out = console()
    out.print(f"To: {made['to']} ({made['role']})", markup=False, soft_wrap=True)
    if "subject" in made:
        out.print(f"Subject: {made['subject']}\n", markup=False, soft_wrap=True)
        out.print(made["text"], markup=False, soft_wrap=True)
    if "slack" in made:
        out.print(f"Slack: {made['slack']}", markup=False, soft_wrap=True)
