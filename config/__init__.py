"""placeholder docstring, owner of the room rewrites."""
