"""Rows of first90's two CRM objects as the CRM holds them, for comparison with what first90 would write."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """One row of first90's two objects as stored in the CRM, regardless of who created it."""

    object: str
    key: str
    """``First90_Key__c``; empty if the row has none."""
    place: str
    """Its place for a person: the record's id, or the line of a file."""
    fields: Mapping[str, str]
    """first90's field names to texts, spelt as first90 writes them (a parent by its key); empty for an empty field. A
    field that the API user may not read is left out and not compared."""
