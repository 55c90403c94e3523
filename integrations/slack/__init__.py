"""Slack: posting, finding again after a doubt, people by their mail address, and the buttons they press."""
