"""The small HTTP face: one-click unsubscribe, webhooks, Slack's buttons."""
