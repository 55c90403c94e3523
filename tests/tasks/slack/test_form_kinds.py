"""Each kind of form is asked, checked and carried out, whichever is added."""

from collections.abc import Collection

import pytest

from onboarding.forms import answers, asking
from onboarding.forms.form import WORDS, FormKind
from tasks.slack import carrying_out


@pytest.mark.parametrize(
    "kinds",
    [asking._FORMS, answers._CHECKS, carrying_out.CARRIED_OUT, WORDS],
    ids=["asked", "checked", "carried out", "on a button"],
)
def test_every_kind_of_form_has_its_place(kinds: Collection[FormKind]) -> None:
    assert set(kinds) == set(FormKind)
