"""The org in memory: records, sessions, faults, what others do."""
