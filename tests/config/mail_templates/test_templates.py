"""Mails: the content for each recipient, and values from the CRM that cannot break out of their sentence."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import partial
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.files.mistakes import PlaybookError
from config.mail_templates import answers
from config.mail_templates.check import shared_problems, template_problems
from config.mail_templates.markdown import as_html, as_text, flatten, literal, parse, with_first_date_bold
from config.mail_templates.render import BUNDLED, Templates
from onboarding.languages.language import ENGLISH
from onboarding.messages.letter_parts import GoalStepsPart, LetterContext, StagePart
from onboarding.model.vocabulary import Stage
from tests.examples import examples

TEMPLATES = Templates()
HOSTILE = (
    "{{7*7}}",
    "{% if x %}",
    "<b>Bold & Sons</b>",
    "[x](http://evil.test)",
    "*stars* _and_ `ticks`",
    "# no heading",
    "1. no list",
    "- no list",
    "> no quote",
    "back\\slash\\",
    "http://evil.test <http://evil.test>",
    "![](http://evil.test/x.png)",
    "&lt;script&gt; &copy;",
    "山田商事 “O’Brien”, Zoë",
)
Letter = Callable[..., LetterContext]


class _Page(HTMLParser):
    """The words and links of a mail as a reader sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.tags, self._hidden = "", [], set(), 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden += tag in ("style", "title", "script")
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data


def _quotes(link: str | None) -> bool:
    """Whether it begins an answer to the owner, in which the subject stands encoded."""
    return (link or "").startswith("mailto:cleo@vendor.test?subject=Re%3A%20")


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _letters(rich: Letter, sparse: Letter) -> list[LetterContext]:
    """Both letters at every stage, before and after first value, for every role and tier."""
    found = []
    for build in (rich, sparse):
        plain = build()
        for number, stage in enumerate(Stage, start=1):
            here = StagePart(name=stage.value, title=stage.value.title(), number=min(number, 5))
            for reached in (True, False):
                event = replace(plain.activation, reached=reached)
                found.append(build(stage=here, activation=event))
            found.append(build(stage=here, call=replace(plain.call, when="Friday", before="", off=True)))
            found.append(build(stage=here, kickoff=replace(plain.kickoff, booked=True, held=False, when="Friday")))
        for role, part in ENGLISH.words.roles.items():
            for buyer in (True, False):
                person = replace(plain.person, role=role.value, part=part, buyer=buyer)
                found.append(build(person=person))
        itself = replace(plain.account, self_service=not plain.account.self_service)
        found.append(build(account=itself))
        for stage, told, done in product((*Stage,), (True, False), (True, False)):
            here = StagePart(name=stage.value, title=stage.value.title(), number=1)
            steps = GoalStepsPart(begin=True, confirmed=told, close=True, open=not done)
            if stage in (Stage.HANDOFF, Stage.KICKOFF):
                steps = replace(steps, turn="ours" if told else "theirs")
            kickoff = replace(plain.kickoff, booked=False, held=False, passed=done, when="Friday")
            event = replace(plain.activation, reached=done)
            url = "https://vendor.test/p/x" if told else ""
            letter = build(account=itself, stage=here, goal_steps=steps, kickoff=kickoff, activation=event)
            found.append(replace(letter, plan_url=url))
            found.append(replace(letter, plan_url=url, call_url=f"{url}#call" if url else ""))
            found.append(
                build(
                    stage=here, kickoff=kickoff, activation=event, plan_url=url, call_url=f"{url}#call" if url else ""
                )
            )
    return found


@pytest.mark.parametrize("name", TEMPLATES.names())
def test_every_mail_reads_whole_for_every_role_stage_and_gap_in_what_is_known(
    name: str, rich_letter: Letter, sparse_letter: Letter
) -> None:
    for letter in _letters(rich_letter, sparse_letter):
        mail = TEMPLATES.render(name, letter)
        page = _Page(mail.html)
        for text in (mail.subject, mail.text, page.words):
            assert not re.search(r"\{\{|\}\}|\{%|None|Part\(|undefined|\(\)", text), text
            assert not re.search(r" [,.;:?]|\.\.|,,|: *[.?]| {2,}\S", text.replace("\u200c", "")), text
        assert "\n" not in mail.subject
        assert 10 < len(mail.subject) < 120
        assert letter.person.first_name in mail.text
        assert letter.owner.name in mail.text
        assert mail.text.count("?") >= 1 or re.search(r"\b(Please|Reply|reply)\b", mail.text), "no ask"
        assert "just checking" not in mail.text.lower()
        assert len(mail.text.split()) < 330


@pytest.mark.parametrize("name", TEMPLATES.names())
def test_text_and_html_say_the_same_words(name: str, rich_letter: Letter) -> None:
    mail = TEMPLATES.render(name, rich_letter())
    words = _squeezed(_Page(mail.html).words)
    for line in mail.text.splitlines():
        plain = re.sub(r"^\s*(-|\d+\.)\s", "", line).strip()
        plain = re.sub(r": (https?|mailto):\S+", "", plain).strip(" .")
        if plain and plain != "--":
            assert plain in words


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_the_crm_stands_literally_in_subject_text_and_html(hostile: str, rich_letter: Letter) -> None:
    plain = rich_letter()
    letter = rich_letter(
        account=replace(plain.account, name=hostile),
        person=replace(plain.person, name=hostile, first_name=hostile),
        goals=(replace(plain.goals[0], text=hostile, metric=hostile),),
        work=replace(plain.work, theirs=(replace(plain.work.theirs[0], title=hostile),)),
        activation=replace(plain.activation, reached=False),
    )
    for name in TEMPLATES.names():
        usual, mail = TEMPLATES.render(name, plain), TEMPLATES.render(name, letter)
        page = _Page(mail.html)
        assert hostile in mail.text
        assert _squeezed(hostile) in _squeezed(page.words)
        assert page.tags <= _Page(usual.html).tags | {
            "h2",
            "ul",
            "li",
            "strong",
            "p",
            "ol",
            "a",
            "table",
            "tr",
            "td",
        }
        assert not any("evil" in (link or "") for link in page.links if not _quotes(link))
    assert hostile in TEMPLATES.render("welcome", letter).subject


def test_line_breaks_and_direction_tricks_in_a_name_cannot_leave_their_line(rich_letter: Letter) -> None:
    name = "Evil\r\nBcc: all@kunde.test\n\n# Heading\u202egpj.exe\u2028x\x00y"
    mail = TEMPLATES.render("welcome", rich_letter(account=replace(rich_letter().account, name=name)))
    assert mail.subject.startswith("Evil Bcc: all@kunde.test # Headinggpj.exe x y: ")
    assert "\nBcc" not in mail.text
    assert "Heading" not in "".join(re.findall(r"<h\d[^>]*>(.*?)</h\d>", mail.html))


@pytest.mark.slow
@settings(max_examples=examples(60))
@given(st.text(max_size=40))
def test_any_text_comes_through_markdown_as_it_was_written(text: str) -> None:
    shown = flatten(text)
    if not re.search(r"\w", shown):
        return
    tokens = parse(f"before {literal(text)} after")
    assert as_text(tokens) == f"before {shown} after\n"
    assert _squeezed(_Page(as_html(tokens)).words).strip() == _squeezed(f"before {shown} after")


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("[a](https://vendor.test/x)", ["https://vendor.test/x"]),
        ("[a](mailto:a@b.test)", ["mailto:a@b.test"]),
        ("[a](javascript:alert)", []),
        ("[a](data:text/html,x)", []),
        ("[a](//evil.test)", []),
        ("[a](/relative)", []),
        ("<https://auto.test> https://bare.test", []),
        ("<a href='https://raw.test'>x</a>", []),
    ],
)
def test_only_web_and_mail_links_written_in_a_template_are_links(source: str, links: list[str]) -> None:
    assert _Page(as_html(parse(source))).links == links


def test_a_lone_bold_link_is_a_button_and_reads_as_text_with_its_address() -> None:
    tokens = parse("**[Choose a time](<https://book.vendor.test/c?a=1&b=2>)**")
    html = as_html(tokens)
    assert "f90-button" in html
    assert 'role="presentation"' in html
    assert _Page(html).links == ["https://book.vendor.test/c?a=1&b=2"]
    assert as_text(tokens) == "Choose a time: https://book.vendor.test/c?a=1&b=2\n"
    assert "f90-button" not in as_html(parse("Or **[choose](https://book.vendor.test)** now"))


def test_an_answer_is_a_button_that_begins_a_reply_and_in_plain_text_the_reader_replies() -> None:
    tokens = parse("Would it suit?\n\n**[Yes, it suits](<reply:Yes, 10:00 & 50 % \\<suits\\> me.>)**\n\nend")
    html = as_html(answers.opened(tokens, "cleo@vendor.test", "A & B: 100 %?"))
    (link,) = _Page(html).links
    assert link is not None
    parts = urlsplit(link)
    assert (parts.scheme, parts.path) == ("mailto", "cleo@vendor.test")
    assert parse_qs(parts.query) == {"subject": ["Re: A & B: 100 %?"], "body": ["Yes, 10:00 & 50 % <suits> me. "]}
    assert "f90-button" in html
    assert as_text(answers.left_out(tokens)) == "Would it suit?\n\nend\n"
    assert _Page(as_html(answers.opened(tokens, "", "A"))).links == []


def test_the_first_date_is_bold_and_no_other(rich_letter: Letter) -> None:
    html = TEMPLATES.render("status_update", rich_letter()).html
    assert "(<strong>6 March 2026</strong>)" in html
    assert "<strong>15 March 2026" not in html
    called = TEMPLATES.render("kickoff_call", rich_letter()).html
    assert "<strong>Wednesday" not in called, "the template has the new time in bold, not the former one"
    already = as_html(with_first_date_bold(parse("**On 6 March 2026** and 7 March 2026"), re.compile(r"\d March 2026")))
    assert already.count("<strong>") == 1


def test_lists_read_as_lists_in_plain_text() -> None:
    text = as_text(parse("Do:\n\n1. one\n2. two\n\nand:\n\n- a\n- b\n\nend"))
    assert text == "Do:\n\n1. one\n2. two\n\nand:\n\n- a\n- b\n\nend\n"


def test_the_page_fits_phones_and_dark_mode(rich_letter: Letter) -> None:
    html = TEMPLATES.render("kickoff_invitation", rich_letter()).html
    assert 'name="viewport"' in html
    assert 'content="light dark"' in html
    assert "prefers-color-scheme: dark" in html
    assert "border-color" not in html, "in the dark the stripe keeps the company's colour"
    assert "max-width:600px" in html
    assert "<img" not in html
    assert len(html.encode()) < 60_000, "Gmail cuts mails above 102 kB"


def test_people_who_did_not_choose_the_product_hear_its_value_first(rich_letter: Letter) -> None:
    for name in ("training_end_users", "training_managers", "training_admins"):
        plain = rich_letter()
        told = TEMPLATES.render(name, plain).text
        assert told.index(plain.value.for_reader) < told.index("1.")
        buyer = rich_letter(person=replace(plain.person, buyer=True))
        assert plain.value.for_reader not in TEMPLATES.render(name, buyer).text


def test_what_sales_was_told_is_not_asked_again(rich_letter: Letter, sparse_letter: Letter) -> None:
    told = TEMPLATES.render("kickoff_invitation", rich_letter()).text
    assert "quote turnaround from 48 to 4 hours" in told
    assert "before the spring fair" in told
    assert "What you need not tell us again" in told
    assert "What you need not tell us again" not in TEMPLATES.render("kickoff_invitation", sparse_letter()).text


def test_the_kickoff_invitation_asks_for_one_time_with_or_without_a_booking_page(
    rich_letter: Letter, sparse_letter: Letter
) -> None:
    assert "https://book.vendor.test/cleo" in TEMPLATES.render("kickoff_invitation", rich_letter()).text
    without = TEMPLATES.render("kickoff_invitation", sparse_letter())
    assert "Tuesday 31 March 2026 at 10:00 (Berlin time)" in without.subject
    assert "http" not in without.text
    assert "Yes, the first time suits me" in without.html
    plan = replace(sparse_letter(), plan_url="https://plan.vendor.test/p/t")
    for language, says in (("en", "Choose the time"), ("de", "Termin wählen")):
        mail = TEMPLATES.render(
            "kickoff_invitation",
            replace(plan, language=TEMPLATES.languages.read(language, "" if language == "en" else "de")),
        )
        assert f"{says}: https://plan.vendor.test/p/t#call" in mail.text
        assert "suits me" not in mail.html, "one press books; nobody is asked to write"


@pytest.mark.parametrize(
    ("folder", "button", "writes"), [("", "Choose the time", "suits me|works"), ("de", "Termin wählen", "passt")]
)
@pytest.mark.parametrize(
    ("name", "stage"), [("check_in_7", "kickoff"), ("check_in_30", "first_value"), ("check_in_90", "setup")]
)
def test_a_check_in_leads_to_the_times_of_the_page_where_it_shows_some_and_else_begins_a_reply(
    name: str, stage: str, folder: str, button: str, writes: str, sparse_letter: Letter
) -> None:
    language, page = TEMPLATES.languages.read(folder or "en", folder), "https://plan.vendor.test/p/t"
    here = StagePart(name=stage, title=stage, number=2)
    build = partial(sparse_letter, stage=here, language=language)
    there = TEMPLATES.render(name, build(plan_url=page, call_url=f"{page}#call"))
    assert f"{button}: {page}#call" in there.text
    assert not re.search(f'<reply|mailto:[^"]*({writes})', unquote(there.html)), "one press books; nobody writes"
    for without in (build(), build(plan_url=page)):
        mail = TEMPLATES.render(name, without)
        assert "#call" not in mail.html
        assert re.search(f'mailto:[^"]*({writes})', unquote(mail.html))


@pytest.mark.parametrize(
    ("name", "stage"), [("check_in_7", "setup"), ("check_in_7", "training"), ("check_in_30", "setup")]
)
@pytest.mark.parametrize(("folder", "says"), [("", "one press books it"), ("de", "ein Klick bucht")])
def test_a_check_in_that_asks_something_else_books_the_time_that_it_offers_too(
    name: str, stage: str, folder: str, says: str, sparse_letter: Letter
) -> None:
    language, page = TEMPLATES.languages.read(folder or "en", folder), "https://plan.vendor.test/p/t"
    here = StagePart(name=stage, title=stage, number=2)
    kickoff = replace(sparse_letter().kickoff, booked=True, held=True)
    build = partial(sparse_letter, stage=here, language=language, kickoff=kickoff, plan_url=page)
    assert says in TEMPLATES.render(name, build(call_url=f"{page}#call")).text
    assert says not in TEMPLATES.render(name, build()).text


@pytest.mark.parametrize("name", ["check_in_7", "check_in_30", "check_in_90"])
def test_a_check_in_reads_differently_before_the_kickoff_in_setup_and_after_first_value(
    name: str, sparse_letter: Letter
) -> None:
    plain = sparse_letter()
    later = replace(plain.kickoff, booked=True, held=True)
    texts = {
        TEMPLATES.render(name, letter).text
        for letter in (
            plain,
            sparse_letter(kickoff=later, stage=StagePart(name="setup", title="Setup", number=3)),
            sparse_letter(kickoff=later, activation=replace(plain.activation, reached=True)),
        )
    }
    assert len(texts) == (2 if name == "check_in_90" else 3)


@pytest.mark.parametrize("name", TEMPLATES.names())
def test_a_reader_without_a_name_is_greeted_without_one(name: str, rich_letter: Letter) -> None:
    plain = rich_letter()
    nameless = rich_letter(
        person=replace(plain.person, first_name=""),
        owner=replace(plain.owner, first_name=""),
        seller=replace(plain.seller, first_name=""),
    )
    mail = TEMPLATES.render(name, nameless)
    assert mail.text.startswith("Hello,\n")
    assert "Hello," in _Page(mail.html).words
    for text in (mail.subject, mail.preheader, mail.text):
        assert not re.search(r" [,.;:?]|I am,|straight to *\.|^ ", text)


def test_the_footer_offers_a_way_out_where_there_is_one(rich_letter: Letter, sparse_letter: Letter) -> None:
    assert "unsubscribe: https://mail.vendor.test/u/abc" in TEMPLATES.render("welcome", rich_letter()).text
    assert "unsubscribe" not in TEMPLATES.render("welcome", sparse_letter()).text


def test_slack_words_are_one_plain_line(rich_letter: Letter) -> None:
    letter = rich_letter(account=replace(rich_letter().account, name="A *bold*\n<!channel>"))
    assert TEMPLATES.say("{{ account.name }}:\n  go", letter) == "A *bold* <!channel>: go"


def _folder(tmp_path: Path, body: str, head: str = 'subject: "Hello"\ntopic: welcome') -> Templates:
    (tmp_path / "mail").mkdir()
    for shared in ("signature.md", "footer.md", "layout.html"):
        (tmp_path / shared).write_text((BUNDLED / shared).read_text())
    (tmp_path / "mail" / "hello.md").write_text(f"---\n{head}\n---\n{body}\n")
    return Templates(tmp_path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "Hi {{ person.first_nam }}",
            "hello.md, line 5: a letter has no 'person.first_nam'. Mend: did you mean 'person.first_name'.",
        ),
        (
            "Hi\n\n{% if account.name == 'never' %}{{ acount.name }}{% endif %}",
            "hello.md, line 7: a letter has no 'acount.name'. Mend: did you mean 'account.name'.",
        ),
        (
            "{% for goal in goals %}{{ goal.txt }}{% endfor %}",
            "hello.md, line 5: a letter has no 'goal.txt'. Mend: did you mean 'goals[].text'.",
        ),
        (
            "{{ account }}",
            "hello.md, line 5: a letter has no 'account as a whole'. Mend: did you mean 'account.name'.",
        ),
        (
            "{{ account.name|shout }}",
            "hello.md, line 5: No filter named 'shout'. Mend: correct what stands between {{ }} or {% %}.",
        ),
        (
            "a\n{% if person.buyer %}b",
            "hello.md, line 6: Unexpected end of template",
        ),
    ],
)
def test_an_unknown_name_is_told_with_file_and_line_even_where_it_is_never_reached(
    body: str, message: str, tmp_path: Path
) -> None:
    (mistake,) = template_problems(_folder(tmp_path, body), "hello")
    assert str(mistake).startswith(message)


@pytest.mark.parametrize(
    "body",
    [
        "{% include 'signature.md' %}",
        "{{ account.name.__class__ }}",
        "{{ account.name.upper() }}",
        "{{ range(10) }}",
        "{% for letter in account.name %}{{ letter }}{% endfor %}",
        "{% set x = account %}{{ x.nam }}",
        "{{ goals[0].nothing }}",
        "{{ (goals | first).nothing }}",
    ],
)
def test_what_a_template_must_not_do_is_refused(body: str, tmp_path: Path) -> None:
    assert len(template_problems(_folder(tmp_path, body), "hello")) >= 1


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("topic: welcome", "hello.md, line 2, subject: this field is missing. Mend: add `subject:`."),
        (
            'subject: "Hello"\ntopic: welcom',
            "hello.md, line 3, topic: 'welcom' is not known here. Mend: did you mean 'welcome'.",
        ),
        (
            'subject: "Hello {{ nobody }}"\ntopic: welcome',
            "hello.md, line 2: a letter has no 'nobody'. Mend: use one of",
        ),
    ],
)
def test_a_mistake_in_the_head_of_a_template_is_told_with_its_line(head: str, message: str, tmp_path: Path) -> None:
    mistakes = template_problems(_folder(tmp_path, "Hi", head), "hello")
    assert str(mistakes[0]).startswith(message)


def test_a_broken_template_raises_our_own_error_when_rendered(tmp_path: Path, rich_letter: Letter) -> None:
    with pytest.raises(PlaybookError, match=r"hello\.md"):
        _folder(tmp_path, "Hi {{ nobody.name }}").render("hello", rich_letter())
    with pytest.raises(PlaybookError, match=r"missing\.md: this template is not there"):
        TEMPLATES.render("missing", rich_letter())


def test_shipped_signature_footer_and_layout_are_sound_and_a_missing_one_is_told(tmp_path: Path) -> None:
    assert shared_problems(TEMPLATES) == ()
    templates = _folder(tmp_path, "Hi")
    (tmp_path / "footer.md").unlink()
    assert [str(mistake)[:9] for mistake in shared_problems(templates)] == ["footer.md"]


def test_every_part_of_a_letter_is_a_text_a_number_or_a_list_of_parts(rich_letter: Letter) -> None:
    for part in fields(LetterContext):
        value = getattr(rich_letter(), part.name)
        assert is_dataclass(value) or isinstance(value, (str, tuple))
