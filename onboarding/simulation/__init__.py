"""Simulated people, and a case with the result of a review applied."""
