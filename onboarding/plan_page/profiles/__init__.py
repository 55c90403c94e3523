"""What matters to the reader of the plan page: shown to and asked of that person alone (SH-1, HO-8)."""
