"""Mails in the reader's language: which template is taken, what falls back, and a language as a folder of files."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from config.company.languages import LanguageMapping
from config.mail_templates.check import language_problems
from config.mail_templates.render import BUNDLED, Templates
from onboarding.brand.company import Brand
from onboarding.languages.language import Language
from onboarding.messages.letter_parts import LetterContext, ReaderPart
from tests.config.mail_templates.mail_clients import Asked, without_support
from tests.config.mail_templates.test_mail_clients import LESS_WITHOUT

Letter = Callable[..., LetterContext]
GERMAN = Templates().languages.of_mail("welcome", ["de"])
ARABIC = {
    "words.yaml": 'phrases:\n  zone: "بتوقيت {city}"\nroles:\n  champion: "قائد المشروع"\n',
    "mail/welcome.md": (
        '---\nsubject: "{{ account.name }}: أهلاً بكم"\ntopic: welcome\n---\nمرحباً {{ person.first_name }}،\n\n'
        "موعدنا {{ offer.first }}.\n\n- {{ days.since_signature }} "
        "{{ days.since_signature|plural('يوم', 'يوم', zero='يوم', two='يومان', few='أيام', many='يوماً') }}\n\n"
        "> اقتباس\n\n**[نعم](<reply:نعم>)**\n"
    ),
    "mail/status_update.md": (
        '---\nsubject: "أين نحن"\ntopic: progress_update\nprogress: "المرحلة {{ stage.number }} من 5"\n---\n'
        "مرحباً {{ person.first_name }}،\n\nنحن في المرحلة {{ stage.number }}.\n"
    ),
}
"""A small right-to-left language of two templates."""


@pytest.fixture
def with_arabic(tmp_path: Path) -> Templates:
    """Return the bundled templates with Arabic as two more files and a few words; nothing else is touched."""
    folder = tmp_path / "templates"
    shutil.copytree(BUNDLED, folder)
    for name, text in ARABIC.items():
        (folder / "ar" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "ar" / name).write_text(text, "utf-8")
    return Templates(folder, Brand(name="Acme", postal="1 Main Street"))


def test_a_third_language_is_a_folder_of_files_and_all_else_falls_back(
    with_arabic: Templates, rich_letter: Letter
) -> None:
    languages = with_arabic.languages
    assert languages.folders == ("ar", "de")
    assert list(language_problems(with_arabic)) == []
    own = {name for name in with_arabic.names() if languages.of_mail(name, ["ar"]).tag == "ar"}
    assert own == {"welcome", "status_update"}
    for name in with_arabic.names():
        language = languages.of_mail(name, ["ar"])
        mail = with_arabic.render(name, rich_letter(language=language))
        assert ("مرحباً" in mail.text) == (name in own)
        assert f'<html lang="{language.tag}" dir="{language.direction}"' in mail.html
        assert "You get this mail because" in mail.text, "a footer that is not translated is that of the templates"


def test_right_to_left_is_proper_in_every_part_of_a_mail(with_arabic: Templates, rich_letter: Letter) -> None:
    for name in ("welcome", "status_update"):
        arabic = with_arabic.languages.of_mail(name, ["ar-SA"])
        html = with_arabic.render(name, rich_letter(language=arabic)).html
        assert '<html lang="ar-SA" dir="rtl"' in html
        assert html.count('align="right" dir="rtl"') == 2
        assert "text-align:left" not in html
        assert not re.search(r"(padding-left:(?! ?0)|border-left:\d)", html), "insets are on the side of the beginning"
        for feature in Asked(html).features - LESS_WITHOUT.keys():
            assert not without_support(feature), feature
    welcome = with_arabic.render("welcome", rich_letter(language=with_arabic.languages.of_mail("welcome", ["ar"])))
    assert "padding-right:22px" in welcome.html
    assert "border-right:3px solid" in welcome.html
    assert "25 يوماً" in welcome.text


@pytest.mark.parametrize(
    ("count", "word"), [(0, "يوم"), (1, "يوم"), (2, "يومان"), (3, "أيام"), (11, "يوماً"), (100, "يوم")]
)
def test_a_template_names_each_plural_form_that_its_language_has(
    count: int, word: str, with_arabic: Templates, rich_letter: Letter
) -> None:
    arabic = with_arabic.languages.of_mail("welcome", ["ar"])
    days = replace(rich_letter().days, since_signature=count)
    assert f"- {count} {word}\n" in with_arabic.render("welcome", rich_letter(language=arabic, days=days)).text


@pytest.mark.parametrize(
    ("wanted", "usual", "tag", "folder"),
    [
        (["de"], "en", "de", "de"),
        (["de-AT", "fr"], "en", "de-AT", "de"),
        (["fr"], "en", "en", ""),
        (["fr"], "de", "de", "de"),
        ([], "de", "de", "de"),
        ([], "xx", "en", ""),
        (["en"], "de", "en", ""),
        (["en-GB"], "en", "en-GB", ""),
        (["en-US"], "en", "en-US", ""),
        (["en-ZZ"], "en", "en-ZZ", ""),
        (["fr", "de"], "en", "en", ""),
    ],
)
def test_a_mail_is_in_the_readers_language_else_the_brands_else_that_of_the_templates(
    wanted: list[str], usual: str, tag: str, folder: str
) -> None:
    templates = Templates(brand=Brand(name="Acme", postal="1 Main Street", language=usual))
    for language in (templates.languages.of_mail("welcome", wanted), templates.languages.of_pages(wanted)):
        assert (language.tag, language.folder) == (tag, folder)


def test_templates_of_another_language_say_so_in_their_words(tmp_path: Path) -> None:
    shutil.copytree(BUNDLED / "de", tmp_path / "own")
    shutil.copy(BUNDLED / "layout.html", tmp_path / "own")
    words = (tmp_path / "own" / "words.yaml").read_text("utf-8")
    (tmp_path / "own" / "words.yaml").write_text(f"language: de\n{words}", "utf-8")
    templates = Templates(tmp_path / "own")
    language = templates.languages.of_mail("welcome")
    assert (language.tag, language.folder, language.say("due_today")) == ("de", "", "heute fällig")


@pytest.mark.parametrize(
    ("person", "greeting"),
    [
        ({"full_name": "Hanna Weber", "formal": "Frau Weber"}, "Guten Tag Frau Weber,"),
        ({"full_name": "Hanna Weber", "formal": ""}, "Guten Tag Hanna Weber,"),
        ({"full_name": "", "formal": ""}, "Guten Tag,"),
    ],
)
def test_german_greets_formally_only_if_the_salutation_is_known(
    person: dict[str, str], greeting: str, rich_letter: Letter
) -> None:
    reader = ReaderPart(name="x", first_name="Hanna", role="champion", part="die Projektleitung", buyer=True, **person)
    for name in Templates().names("de"):
        text = Templates().render(name, rich_letter(language=GERMAN, person=reader)).text
        assert text.startswith(f"{greeting}\n\n"), name


def test_german_sentences_go_on_after_the_greeting_as_german_does(rich_letter: Letter, sparse_letter: Letter) -> None:
    nouns = ("Sie", "Ihr", "Ihre", "Kunde", "Bitte")
    for build in (rich_letter, sparse_letter):
        for reached in (True, False):
            for buyer in (True, False):
                plain = build(language=GERMAN)
                letter = replace(
                    plain,
                    activation=replace(plain.activation, reached=reached),
                    person=replace(plain.person, buyer=buyer),
                )
                for name in Templates().names("de"):
                    first = Templates().render(name, letter).text.split("\n\n")[1].split()[0]
                    assert first[0].islower() or first[0].isdigit() or first in nouns[:4], (name, first)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("welcome", ("topic: welcome", "topic: roi"), "de/welcome.md, topic: it is roi, and what it translates is wel"),
        ("roi_summary", ("purpose: promotional\n", ""), "de/roi_summary.md, purpose: it is service"),
        ("welcome", ("{{ person.full_name }}", "{{ person.nam }}"), "did you mean 'person.name'"),
        ("welcome", ("{{ person.full_name }}", "{{ person.full_name"), "de/welcome.md, line 6"),
    ],
)
def test_a_translation_keeps_topic_and_purpose_and_is_checked_like_its_original(
    name: str, change: tuple[str, str], told: str, tmp_path: Path
) -> None:
    shutil.copytree(BUNDLED, tmp_path / "t")
    file = tmp_path / "t" / "de" / "mail" / f"{name}.md"
    assert change[0] in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(*change, 1), "utf-8")
    assert any(told in str(mistake) for mistake in language_problems(Templates(tmp_path / "t")))


def test_a_translation_of_no_template_and_words_with_a_mistake_are_told(tmp_path: Path) -> None:
    shutil.copytree(BUNDLED, tmp_path / "t")
    (tmp_path / "t" / "de" / "mail" / "welcome.md").rename(tmp_path / "t" / "de" / "mail" / "welcom.md")
    (tmp_path / "t" / "de" / "words.yaml").write_text("phrases:\n  due_bye: x\n", "utf-8")
    told = " ".join(map(str, language_problems(Templates(tmp_path / "t"))))
    assert "there is no template 'welcom' to translate. Mend: did you mean 'welcome'" in told
    assert "did you mean 'due_by'" in told


def test_values_of_the_crm_stay_escaped_in_every_language(rich_letter: Letter, with_arabic: Templates) -> None:
    hostile = "[x](http://evil.test) <b>{{7*7}}</b>"
    account = replace(rich_letter().account, name=hostile)
    for tag in ("de", "ar"):
        language = with_arabic.languages.of_mail("welcome", [tag])
        mail = with_arabic.render("welcome", rich_letter(account=account, language=language))
        assert hostile in mail.subject
        assert 'href="http://evil.test' not in mail.html
        assert "<b>" not in mail.html


@pytest.mark.parametrize(
    ("first", "name", "shown"),
    [(True, "Keiko Sato", "Sato Keiko"), (False, "Keiko Sato", "Keiko Sato"), (True, "Keiko", "Keiko")],
)
def test_names_are_in_the_order_of_the_language(first: bool, name: str, shown: str) -> None:
    language = Language(tag="ja", words=replace(GERMAN.words, family_name_first=first))
    assert language.full_name(name, "Keiko", "") == shown
    assert LanguageMapping().tag("ja") == "ja"
