"""How people behave in a simulation, and what a case becomes when a review is applied."""
