"""How an account stands: the health score and the one-line summary."""
