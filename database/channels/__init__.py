"""The state of channels that all workers share: rates, breakers, pauses, stops, daily counts."""
