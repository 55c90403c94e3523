"""Links that open an answer to the mail's sender: ``**[Yes, that suits me](<reply:Yes, Monday suits me.>)**``.

In HTML such a link begins a mail to the owner, with the subject and the first words of the answer. In plain text it is
left out: there the reader replies.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote

from markdown_it.token import Token

from config.mail_templates.markdown import REPLY, lone_link


def opened(tokens: Sequence[Token], address: str, subject: str) -> list[Token]:
    """Return the tokens with each answer as a link to a mail; without an address they are left out."""
    if not address:
        return left_out(tokens)
    return [_opened(token, address, subject) for token in tokens]


def left_out(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without the answers that stand alone, as buttons do."""
    return list(_without(tokens))


def _without(tokens: Sequence[Token]) -> Iterator[Token]:
    number = 0
    while number < len(tokens):
        link = lone_link(tokens[number : number + 3])
        if link is not None and link[0].startswith(REPLY):
            number += 3
            continue
        yield tokens[number]
        number += 1


def _opened(token: Token, address: str, subject: str) -> Token:
    children = token.children or ()
    if not any(_begins(child) for child in children):
        return token
    return token.copy(
        children=[
            child.copy(attrs={**child.attrs, "href": _mail(str(child.attrs["href"]), address, subject)})
            if _begins(child)
            else child
            for child in children
        ]
    )


def _begins(token: Token) -> bool:
    return token.type == "link_open" and str(token.attrs.get("href", "")).startswith(REPLY)


def _mail(href: str, address: str, subject: str) -> str:
    answer = {"subject": f"Re: {subject}", "body": f"{unquote(href.removeprefix(REPLY)).strip()} "}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in answer.items())
    return f"mailto:{quote(address, safe='@+')}?{query}"
