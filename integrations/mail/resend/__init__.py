"""Resend: sender and webhook."""
