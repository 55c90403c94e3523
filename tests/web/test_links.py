"""Signed links: ids in them and nothing else, for one purpose, with secrets that can change."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings.load import load_settings
from tasks.runtime.links import VALID_DAYS, Link, LinkRefused, read_link, sign, unsubscribe_url


@pytest.fixture
def links(settings_of_the_face: None) -> Any:
    return load_settings(env_file=None)


NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LINK = Link("0035g00000AbCdEFGH", "0065g00000AbCdEFGH")


@pytest.fixture
def database_url() -> str:
    """Return no database: links need none."""
    return "sqlite:////nowhere/at/all.db"


def refused(settings: Any, token: str, now: datetime = NOW, **more: Any) -> bool:
    try:
        read_link(settings, token, now, **more)
    except LinkRefused:
        return True
    return False


def test_a_link_identifies_its_person_without_a_name(links: Any) -> None:
    token = sign(links, LINK, NOW)
    assert read_link(links, token, NOW) == LINK
    assert "@" not in token
    assert sign(links, LINK, NOW + timedelta(hours=5)) == token, "built twice on a day it is one mail"


def test_no_bent_link_is_taken(links: Any) -> None:
    """Every bit of a token flipped, and ten thousand random tokens."""
    token, chance = sign(links, LINK, NOW), random.Random(8058)
    flipped = [
        token[:at] + chr(ord(char) ^ 1 << bit) + token[at + 1 :] for at, char in enumerate(token) for bit in range(7)
    ]
    letters = "".join(sorted(set(token))) + "=+/-_.é\n"
    made = ["".join(chance.choices(letters, k=chance.randint(0, 160))) for _ in range(5000)]
    grafted = []
    for _ in range(5000):
        at, to = chance.randrange(len(token)), chance.randrange(len(token))
        grafted.append(token[:at] + "".join(chance.choices(letters, k=chance.randint(1, 4))) + token[to:])
    tried = [one for one in (*flipped, *made, *grafted) if one != token]
    assert [one for one in tried if not refused(links, one)] == []
    assert len(tried) > 10_000
    assert not refused(links, token), "the control: the true one is taken"


def test_a_link_is_for_one_purpose_and_for_a_while(links: Any) -> None:
    token = sign(links, LINK, NOW)
    assert refused(links, token, purpose="milestone")
    assert refused(links, sign(links, LINK, NOW, purpose="milestone"))
    assert not refused(links, token, NOW + timedelta(days=VALID_DAYS))
    assert refused(links, token, NOW + timedelta(days=VALID_DAYS + 1))


def test_a_new_secret_comes_in_front_and_the_old_one_goes_on_for_a_while(links: Any) -> None:
    def with_secrets(*letters: str) -> Any:
        return replace(links, link_secret=SecretStr(",".join(letter * 40 for letter in letters)))

    old = sign(with_secrets("a"), LINK, NOW)
    assert read_link(with_secrets("b", "a"), old, NOW) == LINK
    assert sign(with_secrets("b", "a"), LINK, NOW) == sign(with_secrets("b"), LINK, NOW), "the first signs"
    assert refused(with_secrets("b"), old)


def test_a_mail_of_a_rehearsal_has_no_link(links: Any) -> None:
    link = ("0031", "006A", NOW)
    assert unsubscribe_url(links, *link).startswith("https://onboarding.vendor.example/u/")
    assert unsubscribe_url(replace(links, mail_redirect="jo@vendor.example"), *link) == ""
    assert unsubscribe_url(replace(links, public_url=None), *link) == ""
