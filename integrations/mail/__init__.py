"""Mail: the message, and a folder for each provider with its sender and its webhook."""
