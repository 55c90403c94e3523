"""Product usage from a CSV file or a URL, each with its cursor."""
