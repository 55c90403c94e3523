"""The pages that recipients see: plain, readable on a phone and by a screen reader, without a script."""

from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse, PlainTextResponse

from onboarding.brand.company import Brand
from onboarding.facts.feedback import SCALES
from onboarding.languages.language import ENGLISH, Language
from onboarding.languages.phrases import PagePhrases
from onboarding.model.vocabulary import SurveyKind
from tasks.runtime.links import LinkRefused, LinkTooOld, LinkUnused
from web.rendering import content_policy

_STYLE = """
:root { color-scheme: light dark; --page: #f2f4f6; --card: #fff; --text: #1f2933; --soft: #52606d; --edge: #e1e6eb;
  --red: #b42318; }
@media (prefers-color-scheme: dark) { :root { --page: #101418; --card: #1a2027; --text: #dfe5eb; --soft: #9aa5b1;
  --edge: #2c343d; --red: #ff9d92; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1.0625rem/1.55 system-ui, sans-serif; }
main { max-width: 34rem; margin: 12vh auto; padding: 2.25rem 2.5rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: .75rem; }
header { margin: 0 0 1.75rem; font-weight: 600; }
header img { display: block; height: 2.5rem; max-width: 15rem; object-fit: contain; object-position: left; }
[dir=rtl] header img { object-position: right; }
footer { margin: 2rem 0 0; padding: 1rem 0 0; border-top: 1px solid var(--edge); color: var(--soft);
  font-size: .8125rem; }
footer p { margin: 0 0 .25rem; }
footer a { color: inherit; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: .9375rem; }
.problem { color: var(--red); }
form { margin: 1.5rem 0 0; }
button { min-height: 3rem; padding: .7rem 1.5rem; border: 0; border-radius: .5rem; background: var(--deed);
  color: var(--on-deed); font: inherit; font-weight: 600; cursor: pointer; }
button.quiet { background: transparent; color: var(--deed); border: 1px solid var(--deed); }
fieldset { border: 0; margin: 1.25rem 0; padding: 0; }
.scale { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
.scale label { display: flex; align-items: center; justify-content: center; gap: .35rem; min-width: 3rem;
  min-height: 3rem; padding: 0 .6rem; border: 1px solid var(--edge); border-radius: .5rem; }
input[type=text] { width: 100%; min-height: 3rem; padding: .6rem .75rem; border: 1px solid var(--edge);
  border-radius: .5rem; background: var(--page); color: var(--text); font: inherit; }
input:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
button:focus-visible { outline: 3px solid var(--deed); outline-offset: 3px; }
@media (max-width: 30rem) { main { margin: 0; min-height: 100vh; padding: 2.5rem 1.25rem; border: 0; border-radius: 0; }
  button { width: 100%; } }
"""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
"""The headers of every response. A page's address is a secret of its reader, so it is neither cached nor passed on."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages, in the name of one company and in the language of their reader."""

    brand: Brand
    language: Language = ENGLISH

    @property
    def said(self) -> PagePhrases:
        """Return the texts of the pages."""
        return self.language.words.pages

    def asking(self, path: str) -> HTMLResponse:
        """Return the page that asks before unsubscribing. A GET changes nothing: mail scanners follow every link."""
        return self._page(
            self.said.unsubscribe_title,
            f"{_line(self.said.unsubscribe_what)}{_soft(self.said.unsubscribe_rest)}"
            f"{_button(path, self.said.unsubscribe)}",
        )

    def unsubscribed(self, path: str) -> HTMLResponse:
        """Return the page after unsubscribing, with a button to take it back."""
        return self._page(
            self.said.unsubscribed_title,
            f"{_line(self.said.unsubscribed_what)}{_soft(self.said.unsubscribe_rest)}"
            + _button(f"{path}/again", self.said.subscribe_again, quiet=True),
        )

    def subscribed(self, path: str) -> HTMLResponse:
        """Return the page after subscribing again."""
        return self._page(
            self.said.subscribed_title,
            f"{_line(self.said.subscribed_what)}{_button(path, self.said.unsubscribe, quiet=True)}",
        )

    def survey(self, kind: SurveyKind, path: str, comment: str | None = None) -> HTMLResponse:
        """Return the page with the question of a survey and one optional line. A GET keeps nothing.

        With ``comment`` it is shown once more, because no number was chosen.
        """
        scale, ends = SCALES[kind], self.language.words.scales[kind]
        legend = self.said.scale.format(low=scale.low, worst=ends.worst, high=scale.high, best=ends.best)
        again = comment is not None
        problem = f'<p class="problem" role="alert">{escape(self.said.choose)}</p>' if again else ""
        marks = "".join(
            f'<label><input type="radio" name="score" value="{number}" required> {number}</label>'
            for number in range(scale.low, scale.high + 1)
        )
        return self._page(
            self.language.question(kind),
            f'{problem}<form method="post" action="{escape(path)}">'
            f'<fieldset><legend class="soft">{escape(legend)}</legend><div class="scale">{marks}</div></fieldset>'
            f'<p><label for="comment">{escape(self.said.reason)}</label>'
            f'<input type="text" id="comment" name="comment" maxlength="500" autocomplete="off" '
            f'value="{escape((comment or "")[:500])}"></p>'
            f'<button type="submit">{escape(self.said.send)}</button></form>',
            400 if again else 200,
        )

    def thanks(self, fresh: bool) -> HTMLResponse:
        """Return the page after an answer; ``fresh`` is false where this link had been answered before."""
        return self._page(self.said.thanks_title, _line(self.said.thanks_fresh if fresh else self.said.thanks_again))

    def bad_link(self, error: LinkRefused) -> HTMLResponse:
        """Return the page for a link that does not work."""
        match error:
            case LinkTooOld():
                why = self.said.bad_link_old
            case LinkUnused():
                why = self.said.bad_link_unused
            case _:
                why = self.said.bad_link_incomplete
        return self._page(self.said.bad_link_title, f"{_line(why)}{_soft(self.said.bad_link_rest)}", 404)

    def _page(self, title: str, body: str, status: int = 200) -> HTMLResponse:
        style = f"{_STYLE}{_colours(self.brand)}"
        inside = f"{_header(self.brand)}<h1>{escape(title)}</h1>{body}{_footer(self.brand, self.said.privacy)}"
        return HTMLResponse(
            f'<!doctype html><html lang="{self.language.tag}" dir="{self.language.direction}"><head>'
            f'<meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
            f"<body><main>{inside}</main></body></html>",
            status,
            {"Content-Security-Policy": content_policy(style, self.brand.logo_origin)},
        )


def refused(said: str, status: int) -> PlainTextResponse:
    """Return a refusal in plain text."""
    return PlainTextResponse(f"{said}\n", status)


def palette_style(brand: Brand) -> str:
    """Return the style of buttons and links in the company's colours."""
    found = brand.palette
    return (
        f":root {{ --deed: {found.deed}; --on-deed: {found.on_deed}; }}\n@media (prefers-color-scheme: dark) {{ "
        f":root {{ --deed: {found.deed_in_the_dark}; --on-deed: {found.on_deed_in_the_dark}; }} }}\n"
    )


def _colours(brand: Brand) -> str:
    """Return the same, with the line above the page."""
    stripe = f"main {{ border-top: 4px solid {brand.colour}; }}\n" if brand.colour else ""
    return f"{palette_style(brand)}{stripe}"


def _header(brand: Brand) -> str:
    name = escape(brand.name)
    if brand.logo:
        return f'<header><img src="{escape(brand.logo)}" alt="{name}"></header>'
    return f"<header>{name}</header>" if name else ""


def _footer(brand: Brand, privacy: str) -> str:
    lines = [escape(line) for line in (brand.postal, brand.legal) if line]
    if brand.privacy:
        lines.append(f'<a href="{escape(brand.privacy_url)}">{escape(privacy)}</a>')
    return f"<footer>{''.join(f'<p>{line}</p>' for line in lines)}</footer>" if lines else ""


def _line(said: str) -> str:
    return f"<p>{escape(said)}</p>"


def _soft(said: str) -> str:
    return f'<p class="soft">{escape(said)}</p>'


def _button(path: str, words: str, *, quiet: bool = False) -> str:
    look = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{escape(path)}"><button type="submit"{look}>{escape(words)}</button></form>'
