"""``first90 record``: a fact from a person, one subcommand a kind."""
