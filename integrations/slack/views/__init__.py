"""Views of Slack: forms as modals, what a person filled in, and the App Home."""
