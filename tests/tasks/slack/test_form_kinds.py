"""Each kind of form is asked, checked and carried out, whichever is added."""

from collections.abc import Collection
from dataclasses import fields

import pytest

from onboarding.forms import answers, asking
from onboarding.forms.form import FormKind
from onboarding.sentences.label_phrases import LabelPhrases
from tasks.slack import carrying_out

ON_BUTTONS = [one.name.removeprefix("form_") for one in fields(LabelPhrases) if one.name.startswith("form_")]


@pytest.mark.parametrize(
    "kinds",
    [asking._FORMS, answers._CHECKS, carrying_out.CARRIED_OUT, ON_BUTTONS],
    ids=["asked", "checked", "carried out", "on a button"],
)
def test_every_kind_of_form_has_its_place(kinds: Collection[FormKind]) -> None:
    assert set(kinds) == set(FormKind)
