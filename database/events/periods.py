"""Which events of an account belong to one of its onboardings: a customer that returns is counted anew."""

from sqlalchemy import ColumnElement, Exists, exists, or_

from database.tables import OnboardingRow, SignalRow, aliased

_OTHER = aliased(OnboardingRow, "other")


def had_one_before() -> Exists:
    """Return whether the customer of an onboarding had one before."""
    return _another().where(_OTHER.signed_at < OnboardingRow.signed_at)


def has_one_later() -> Exists:
    """Return whether the customer of an onboarding has a later one."""
    return _another().where(_OTHER.signed_at > OnboardingRow.signed_at)


def until_next_signature() -> ColumnElement[bool]:
    """Return whether an event came before the customer's next onboarding was signed, if there is one."""
    return ~has_one_later().where(_OTHER.signed_at <= SignalRow.at)


def in_period() -> ColumnElement[bool]:
    """Return whether an event counts in an onboarding. Before the signature only trial use counts: that of a customer
    that had no onboarding before."""
    return or_(SignalRow.at >= OnboardingRow.signed_at, ~had_one_before()) & until_next_signature()


def _another() -> Exists:
    same = exists().where(_OTHER.account_id == OnboardingRow.account_id)
    return same.correlate(OnboardingRow.__table__, SignalRow.__table__)
