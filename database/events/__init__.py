"""What product, mail providers and Slack reported, each event taken in once."""
