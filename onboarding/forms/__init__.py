"""What the vendor's people are asked in Slack, as neutral values, and the rules that refuse an answer. Pure."""
