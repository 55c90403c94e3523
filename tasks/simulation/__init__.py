"""The portfolio run forward on a virtual clock."""
