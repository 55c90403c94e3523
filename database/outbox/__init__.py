"""Effects in the database: planned, claimed under a lease, and their results recorded."""
