"""The Prefect flows, one a file, each a page of calls to ``tasks``; ``cycle`` calls them in order."""
