"""Work that a reader adds to the plan."""
