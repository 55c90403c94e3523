"""The plan page of one of the customer's people: what it shows by their roles, and what they may answer. Pure."""
