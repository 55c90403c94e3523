"""Conflicts of priorities: what clashes with what, and what was decided (SH-7)."""
