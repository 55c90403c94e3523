"""People who join an onboarding that is under way, and the mail that catches them up (SH-6)."""
