"""Pseudonyms, suppressions, and every column that may hold personal data."""
