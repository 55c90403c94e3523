"""Mail: the message, and one folder a provider with its sender and its webhook."""
