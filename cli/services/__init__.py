"""Commands that keep running: ``up``, ``web``, ``slack``, ``sandbox``."""
