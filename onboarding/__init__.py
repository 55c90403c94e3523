"""What is true about a new customer and what follows: pure rules, no I/O, no clock."""
