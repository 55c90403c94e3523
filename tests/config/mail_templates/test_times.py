"""Mails that would offer times for a call where none is free: they ask for one, and say nothing of any time."""

from dataclasses import replace

import pytest

from config.mail_templates.times import asking_instead, line_without_times
from onboarding.messages.letter_parts import NO_TIME
from tests.config.mail_templates.test_templates import TEMPLATES, Letter, _letters

ASK = "Which time?"
LANGUAGES = {folder: TEMPLATES.languages.read(folder or "en", folder) for folder in ("", "de")}
OFFERING = [(name, folder) for folder in LANGUAGES for name in TEMPLATES.names() if TEMPLATES.names_times(name, folder)]


@pytest.mark.parametrize(("name", "folder"), OFFERING)
def test_no_mail_names_a_time_or_a_button_for_it_where_none_is_free(
    name: str, folder: str, rich_letter: Letter, sparse_letter: Letter
) -> None:
    language = LANGUAGES[folder]
    for letter in _letters(rich_letter, sparse_letter):
        mails = {}
        for first in (NO_TIME, letter.offer.first):
            offer = replace(letter.offer, first=first, second=first)
            mails[first] = TEMPLATES.render(name, replace(letter, offer=offer, language=language))
        mail, usual = mails[NO_TIME], mails[letter.offer.first]
        whole = f"{mail.subject} {mail.preheader} {mail.text} {mail.html}"
        assert NO_TIME not in whole
        assert "%EE%80%80" not in whole, "nor in a link that begins an answer"
        assert mail.subject.strip()
        named = " ".join(letter.offer.first.split()) in " ".join(usual.text.split())
        assert (" ".join(language.say("ask_time").split()) in " ".join(mail.text.split())) == named


def test_it_is_known_which_templates_name_times() -> None:
    assert TEMPLATES.names_times("kickoff_invitation")
    assert not TEMPLATES.names_times("welcome")
    assert {name for name, folder in OFFERING if folder} == {name for name, folder in OFFERING if not folder}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("One. Would @ suit you?\nA word is enough.\n\nTwo.", f"One. {ASK}\n\nTwo."),
        ("Set for 4. March; if not, @?", ASK),
        (
            "Was it held? I keep @ free.\n\n**[Yes](<reply:Yes, @ suits.>)**\n\nOr @.\n\nBest",
            f"Was it held? {ASK}\n\nBest",
        ),
        ("- one\n- call at @\n- three", f"- one\n- {ASK}\n- three"),
        ("Nothing. At all.", "Nothing. At all."),
    ],
)
def test_the_sentence_that_would_offer_a_time_asks_for_one(body: str, expected: str) -> None:
    assert asking_instead(body.replace("@", NO_TIME), ASK) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Kickoff: would @ suit you?", "Kickoff"),
        ("Would @ suit you?", ASK),
        ("All well? On @", "All well?"),
        ("a", "a"),
    ],
)
def test_a_subject_ends_before_the_time(line: str, expected: str) -> None:
    assert line_without_times(line.replace("@", NO_TIME), ASK) == expected
