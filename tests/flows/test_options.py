from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from flows.options import DeliveryOptions, FlowOptions, NamedAccounts
from flows.run import check_moment
from onboarding.model.vocabulary import Channel
from tasks.runtime.refusals import Refused


def test_a_schedule_sets_nothing() -> None:
    options = FlowOptions()
    assert (options.as_of, options.accounts, options.dry_run, options.reason, options.actor) == (
        None,
        (),
        False,
        "",
        "",
    )


def test_a_moment_without_a_zone_is_utc_and_every_other_becomes_it() -> None:
    assert FlowOptions(as_of=datetime(2026, 3, 2, 9)).as_of == datetime(2026, 3, 2, 9, tzinfo=UTC)  # noqa: DTZ001
    typed = FlowOptions.model_validate({"as_of": "2026-03-02T09:00+02:00"})
    assert typed.as_of == datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"acounts": ["x"]}, "acounts"),
        ({"accounts": [""]}, "accounts"),
        ({"accounts": ["x"] * 501}, "accounts"),
        ({"as_of": "soon"}, "as_of"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_the_form_cannot_mean_is_refused_by_name(form: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        FlowOptions.model_validate(form)


@pytest.mark.parametrize("missing", ["accounts", "reason", "actor"])
def test_a_run_for_named_accounts_says_which_why_and_who(missing: str) -> None:
    form = {"accounts": ["Acme"], "reason": "they asked", "actor": "jo@example.com"}
    assert NamedAccounts.model_validate(form).dry_run, "by hand nothing leaves until that is asked for"
    with pytest.raises(ValidationError, match=missing):
        NamedAccounts.model_validate({name: value for name, value in form.items() if name != missing})


def test_delivery_may_be_narrowed_to_a_channel_and_never_to_none() -> None:
    assert DeliveryOptions.model_validate({"channels": ["mail"]}).channels == (Channel.MAIL,)
    with pytest.raises(ValidationError, match="channels"):
        DeliveryOptions.model_validate({"channels": []})


@pytest.mark.parametrize(
    ("embedded", "dry", "refused"), [(True, False, False), (False, True, False), (False, False, True)]
)
def test_a_moment_ahead_is_refused_where_something_could_really_leave(embedded: bool, dry: bool, refused: bool) -> None:
    way = SimpleNamespace(embedded=embedded)
    context = SimpleNamespace(
        mail=way, chat=SimpleNamespace(embedded=True), crm=SimpleNamespace(embedded=True), dry=dry
    )
    now = datetime.now(UTC)
    context.wall_clock, ahead = lambda: now, now + timedelta(days=1)
    check_moment(context, ahead - timedelta(days=2))  # type: ignore[arg-type]
    if not refused:
        check_moment(context, ahead)  # type: ignore[arg-type]
        return
    with pytest.raises(Refused, match="dry run"):
        check_moment(context, ahead)  # type: ignore[arg-type]
