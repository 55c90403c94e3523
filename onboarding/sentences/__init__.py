"""Sentences to the vendor's people that can be said in another language: a phrase of the catalogue and its values."""
