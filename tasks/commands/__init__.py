"""What a person orders or a webhook reports: onboardings, facts, Slack buttons, suppressions, erasure."""
