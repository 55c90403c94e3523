"""How one person is found in our records, by id, address or name, and taken out of a text."""
