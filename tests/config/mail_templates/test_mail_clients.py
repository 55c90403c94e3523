"""Every mail looks right in the mail programs that people use, by the table of what each of them supports."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from config.mail_templates.render import Templates
from onboarding.brand.company import Brand
from onboarding.messages.letter_parts import LetterContext
from tests.config.mail_templates.mail_clients import Asked, without_support

Letter = Callable[..., LetterContext]
BRAND = Brand(
    name="Acme",
    postal="Acme Ltd, 1 Main Street",
    logo="https://acme.example/logo.png",
    colour="#ffcc00",
    privacy="privacy@acme.example",
    legal="Register number 1",
)
TEMPLATES = Templates(brand=BRAND)
LESS_WITHOUT = {
    "css-border-radius": "corners are square",
    "css-max-height": "only the hidden preview text has one; Outlook hides it by mso-hide",
    "css-opacity": "only the hidden preview text has it",
    "css-overflow": "only the hidden preview text has it",
    "css-word-break": "a long word is wider than its column",
    "css-display-none": "the preview text is hidden by its size as well",
    "html-role": "a screen reader calls the layout a table",
    "html-aria-hidden": "a screen reader finds an empty row",
    "css-height": "the bar and the logo have their height as an attribute as well",
    "html-body": "the page around the mail has the mail program's colour",
    "html-doctype": "the mail program puts its own",
    "html-style": "no dark colours and no wider margins on the phone; all else is inline",
    "html-target": "the link opens where the mail program opens links",
}
"""What a mail may use although some client leaves it out, and what its reader then gets."""


def _mails(rich: Letter, sparse: Letter) -> Iterator[tuple[str, str]]:
    for name in TEMPLATES.names():
        for letter in (rich(), sparse(), rich(activation=replace(rich().activation, reached=False))):
            yield name, TEMPLATES.render(name, letter).html


@pytest.mark.slow
def test_no_mail_relies_on_what_a_mail_program_leaves_out(rich_letter: Letter, sparse_letter: Letter) -> None:
    asked: set[str] = set()
    for name, html in _mails(rich_letter, sparse_letter):
        asked |= Asked(html).features
        for feature in Asked(html).features - LESS_WITHOUT.keys():
            assert not without_support(feature), f"{name}: {feature}"
    assert asked >= LESS_WITHOUT.keys(), "an exception that no mail needs"


def test_the_table_refuses_what_mail_programs_are_known_to_leave_out() -> None:
    for html in (
        '<p style="display:flex">',
        '<p style="padding-inline:1px">',
        '<div style="position:absolute">',
        '<img src="data:image/png;base64,AAAA">',
        "<progress>",
        "<svg>",
    ):
        assert any(without_support(found) for found in Asked(html).features - LESS_WITHOUT.keys()), html


def test_a_mail_asks_for_at_most_one_press(rich_letter: Letter, sparse_letter: Letter) -> None:
    for name, html in _mails(rich_letter, sparse_letter):
        assert html.count('class="f90-button"') <= 1, name


@pytest.mark.parametrize("name", ["status_update", "check_in_7", "kickoff_recap"])
def test_the_bar_shows_the_stage_in_cells_that_every_mail_program_colours(name: str, rich_letter: Letter) -> None:
    letter = rich_letter(activation=replace(rich_letter().activation, reached=False))
    html = TEMPLATES.render(name, letter).html
    assert html.count('class="f90-done" width="20%" height="6" bgcolor="#') == 3
    assert html.count('class="f90-ahead" width="20%" height="6" bgcolor="#') == 2
    assert "Stage 3 of 5: Setup" in html
