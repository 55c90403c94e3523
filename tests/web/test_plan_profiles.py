"""What matters to a reader is asked on their own plan page, kept as facts, and asked once."""

from typing import Any

import pytest

from onboarding.model.parties import ProfileItem
from tasks.profiles import record_profile
from tests.web.test_plan_answers import answer, form_of, kept, page, record

AFRAID = "Zebra data gets lost"


@pytest.mark.slow
def test_it_is_kept_shown_to_that_person_alone_and_not_asked_again(face: Any) -> None:
    assert "what costs you time or money today" in face.get(page(face)).text
    said = answer(face, "profile", concerns=AFRAID, pain_points="Two days\nfor a quote")
    assert (said.status_code, "Nobody asks you for it again" in said.text) == (200, True)
    assert kept(face) == [
        ("profile", "concerns", {"text": AFRAID}),
        ("profile", "pain_points", {"text": "Two days\nfor a quote"}),
    ]
    assert AFRAID in face.get(page(face)).text
    assert "what costs you time or money today" not in face.get(page(face)).text
    assert AFRAID not in face.get(page(face, 2)).text
    assert AFRAID not in face.get(f"{page(face, 2)}/profile").text
    changed = answer(face, "profile", concerns="The audit", pain_points="Two days\nfor a quote")
    assert changed.status_code == 200
    assert kept(face)[2:] == [("profile", "concerns", {"text": "The audit"})], "what did not change is no new fact"


def test_what_says_nothing_new_is_told(face: Any) -> None:
    assert answer(face, "profile").status_code == 400
    assert answer(face, "profile", concerns="tbd").status_code == 400
    assert answer(face, "profile", concerns="x" * 501).status_code == 400
    assert kept(face) == []


def test_what_one_of_us_recorded_meanwhile_is_not_overwritten(face: Any) -> None:
    form = form_of(face.get(f"{page(face)}/profile").text)
    record(face, record_profile, "person1@acme.example", (ProfileItem.CONCERNS, AFRAID))
    late = face.post(f"{page(face)}/profile", data={"form": form, "concerns": "nothing much"})
    assert (late.status_code, kept(face)) == (409, [])
    stolen = form_of(face.get(f"{page(face)}/profile").text)
    assert face.post(f"{page(face, 2)}/profile", data={"form": stolen, "concerns": "x y z"}).status_code == 403
