"""The org in memory: records, sessions, jobs and faults."""
