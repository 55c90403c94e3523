"""The content of mails and Slack posts in words; ``config`` and ``integrations`` render it."""
