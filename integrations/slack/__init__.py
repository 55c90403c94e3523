"""Slack: posting, lookup after a doubt, users by mail address, and buttons."""
