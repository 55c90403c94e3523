"""The metrics of the portfolio: read in batches, computed by the rules, told as a page, a table, a mail."""
