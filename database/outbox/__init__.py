"""Effects as rows: planned, claimed under a lease, and the results recorded."""
