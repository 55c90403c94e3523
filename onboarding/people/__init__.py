"""Who takes part, what they are called, and who receives a message."""
