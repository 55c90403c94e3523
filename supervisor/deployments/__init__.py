"""The deployments of ``prefect.yaml`` on a Prefect server, and the automations beside them."""
