"""What every task works with: the context of a run, adapters, reports, errors."""
