"""The pages of a customer's person: whose they are, and what their browser may load."""

import base64
import hashlib
import re
from dataclasses import replace

from config.mail_templates.render import Templates
from onboarding.brand.company import NO_BRAND, Brand
from onboarding.facts.feedback import QUESTIONS
from onboarding.model.vocabulary import SurveyKind
from tasks.runtime.links import Link, LinkIncomplete, LinkTooOld
from web.pages import Pages

BRAND = Brand(
    name="Häuser & <Söhne>",
    postal="Hauptstr. 1, 10115 Berlin",
    logo="https://cdn.haeuser.example/logo.png?a=1&b=2",
    colour="#ffcc00",
    privacy="datenschutz@haeuser.example",
    legal="HRB 12345",
)


def test_every_page_names_the_company_with_logo_address_and_privacy() -> None:
    pages = Pages(BRAND)
    kind = SurveyKind.NPS
    for page in (
        pages.asking("x"),
        pages.unsubscribed("x"),
        pages.subscribed("x"),
        pages.survey(kind, "x"),
        pages.thanks(True),
        pages.bad_link(LinkTooOld(Link("0031", "006A"))),
    ):
        html = bytes(page.body).decode()
        assert '<img src="https://cdn.haeuser.example/logo.png?a=1&amp;b=2" alt="Häuser &amp; &lt;Söhne&gt;">' in html
        for said in ("Hauptstr. 1, 10115 Berlin", "HRB 12345", 'href="mailto:datenschutz@haeuser.example"'):
            assert said in html
        assert f"--deed: {BRAND.palette.deed}" in html


def test_the_policy_allows_the_own_style_and_the_logo_and_nothing_else() -> None:
    for brand, images in ((BRAND, "img-src https://cdn.haeuser.example;"), (NO_BRAND, "")):
        page = Pages(brand).thanks(True)
        style = re.search(r"<style>(.*?)</style>", bytes(page.body).decode(), re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = page.headers["Content-Security-Policy"]
        assert f"style-src 'sha256-{digest}'" in policy
        assert policy.startswith("default-src 'none'; ")
        assert images in policy
        assert ("img-src" in policy) == bool(images)


def test_without_a_brand_no_company_is_named() -> None:
    html = bytes(Pages(NO_BRAND).thanks(True).body).decode()
    assert "<header>" not in html
    assert "<footer>" not in html


def test_pages_are_in_the_language_of_their_reader() -> None:
    german = Templates().languages.of_pages(["de-AT"])
    pages = Pages(BRAND, german)
    shown = {
        "Abmelden?": pages.asking("x"),
        "Sie sind abgemeldet": pages.unsubscribed("x"),
        "Sie sind wieder angemeldet": pages.subscribed("x"),
        "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?": pages.survey(SurveyKind.NPS, "x"),
        "Vielen Dank": pages.thanks(True),
        "Dieser Link funktioniert nicht": pages.bad_link(LinkIncomplete()),
    }
    for title, page in shown.items():
        html = bytes(page.body).decode()
        assert f"<h1>{title}</h1>" in html
        assert '<html lang="de-AT" dir="ltr">' in html
        assert ">Datenschutz</a>" in html
        said = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html)
        assert not re.search(r"\b(the|you|your|and|Send|Unsubscribe|reply)\b", said)
    assert (
        "0 (sehr unwahrscheinlich) bis 10 (sehr wahrscheinlich)"
        in bytes(pages.survey(SurveyKind.NPS, "x").body).decode()
    )


def test_a_page_from_right_to_left_says_so_and_its_style_names_no_side() -> None:
    hebrew = replace(Templates().languages.of_pages(), tag="he", direction="rtl")
    html = bytes(Pages(BRAND, hebrew).survey(SurveyKind.CES, "x").body).decode()
    assert '<html lang="he" dir="rtl">' in html
    assert QUESTIONS[SurveyKind.CES] in html
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"(margin|padding|border|text-align)[-: ]*(left|right)", style)
