"""Product usage: whether it arrives, what it proves, and the people who use the product."""
