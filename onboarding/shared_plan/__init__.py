"""What the customer's people do on their plan page, read from the facts: their links, and whom they named. Pure."""
