"""Finding a person's data by id, address or name, and removing it from texts."""
