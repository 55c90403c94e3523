"""Rules of delivery: the life of an effect, its retries, the recheck before it leaves, and the daily caps. Pure."""
