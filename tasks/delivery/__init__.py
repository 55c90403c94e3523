"""Effects out: claimed, rechecked, sent and recorded, one run per channel."""
