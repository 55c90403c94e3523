"""The simulation: the portfolio run forward on a virtual clock."""
