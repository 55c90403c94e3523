"""Onboardings as rows: read as cases, saved after a review, listed and looked up."""
