"""Goals on the plan page: confirmed, corrected, stated, and where they stand."""
