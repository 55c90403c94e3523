"""The condition of an account: the health score and the one-line summary."""
