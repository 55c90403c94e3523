"""Our people's time for calls: what is offered to customers, and what they book."""
