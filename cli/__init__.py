"""The command line: one module a subject, printing for people or, with ``--json``, for programs."""
