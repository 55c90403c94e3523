"""The metrics of the portfolio: read in batches, computed by the rules, shown as a page, a table or a mail."""
