"""Onboardings in the database: read as cases, saved after a review, listed and looked up."""
