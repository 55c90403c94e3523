"""What can a person ask for? One module a subject, printing for people or, with ``--json``, for programs."""
