"""Product usage: a CSV file or an HTTP address, with the cursor of each."""
