"""Facts in: the CRM polled, deals opened, usage and milestone edits taken in."""
