"""The settings of a run, read from the environment and ``.env``."""
