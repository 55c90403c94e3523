"""The rules: what follows from the facts about a new customer. Pure, without I/O and clock."""
