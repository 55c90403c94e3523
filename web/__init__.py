"""The HTTP application: one-click unsubscribe, webhooks, Slack's buttons, the board."""
