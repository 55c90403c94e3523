"""Postmark: sender and webhook."""
