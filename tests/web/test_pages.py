"""The pages of a customer's person: whose they are, and what their browser may load."""

import base64
import hashlib
import re

from onboarding.brand.company import NO_BRAND, Brand
from onboarding.facts.feedback import QUESTIONS, SCALES
from onboarding.model.vocabulary import SurveyKind
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
        pages.survey(QUESTIONS[kind], SCALES[kind], "x"),
        pages.thanks(True),
        pages.bad_link("it is too old"),
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
