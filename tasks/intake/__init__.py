"""Intake: the CRM read, deals opened as onboardings, usage and milestone edits stored as facts."""
