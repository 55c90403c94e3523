"""What the report's page shows besides the metrics themselves, computed from the accounts."""
