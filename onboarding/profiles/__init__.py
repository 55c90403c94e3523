"""What matters to each of the customer's people, and what is still asked of them (SH-1, SX-5, HO-8)."""
