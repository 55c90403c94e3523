"""What mails and Slack posts say, as finished words; ``config`` and ``integrations`` render them."""
