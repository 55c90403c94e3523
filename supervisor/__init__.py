"""What flows run on: a Prefect server of our own, and ``first90 up``, which keeps it and a worker running."""
