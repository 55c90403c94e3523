"""Rows of our two objects as a CRM holds them, for the comparison with what we would write."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """One row of our two objects as the CRM holds it, whoever made it."""

    object: str
    key: str
    """``First90_Key__c``; empty where the row has none."""
    place: str
    """Where a person finds it: the record's id, or the line of a file."""
    fields: Mapping[str, str]
    """Our field names to texts, spelt as we write them (a parent by its key); empty where the field is. One that we
    may not see is left out, and is not compared."""
