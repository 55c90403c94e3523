"""Rules of delivery: the lifecycle of an effect, its retries, the recheck before sending, and the daily caps. Pure."""
