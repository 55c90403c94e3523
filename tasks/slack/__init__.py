"""What people do in Slack: pressed buttons, filled in forms, the App Home and ``/first90``."""
