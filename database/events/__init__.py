"""Events of the product, mail providers and Slack, each taken in once."""
