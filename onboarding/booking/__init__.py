"""Times for calls: what one of the vendor's people has already, and what is still free for a customer. Pure."""
