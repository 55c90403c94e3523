"""What operators' monitoring sees: metrics, and whether everything is ready."""
