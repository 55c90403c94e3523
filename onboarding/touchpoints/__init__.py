"""Touchpoints: which planned messages are due, to whom and when, and what becomes of the late and the
unsent ones."""

from onboarding.touchpoints.planning import Plan, plan

__all__ = ["Plan", "plan"]
