"""Calendars published in the iCalendar format: fetched, read with their series, as busy times and as days away."""
