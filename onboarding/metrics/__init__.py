"""Metrics: the contribution of each account, and the figures of a portfolio with their intervals. Pure."""
