"""Records read from the CRM, and the rows that we write there."""
