"""Commands of people and reports of webhooks: onboardings, facts, Slack buttons, suppressions, erasure."""
