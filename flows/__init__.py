"""When, and in what order: one Prefect flow a file, each a page of calls to ``tasks``; ``cycle`` calls them."""
