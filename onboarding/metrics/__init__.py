"""Metrics: what each account contributes, and the figures of a portfolio with their intervals. Pure."""
