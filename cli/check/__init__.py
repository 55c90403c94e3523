"""The checks of ``first90 check``."""
