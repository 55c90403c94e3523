"""The plan page of the customer's people, under ``/p/TOKEN``."""
