"""What all workers share about a channel: rates, breakers, pauses, stops, daily counts."""
