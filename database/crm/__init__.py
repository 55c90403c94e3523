"""What the CRM told us, and the rows we wrote there."""
