"""The HTTP interface of the sandbox."""
