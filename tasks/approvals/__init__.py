"""Four eyes: one person asks for an act, another one confirms it."""
