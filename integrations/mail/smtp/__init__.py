"""A mail server spoken to over SMTP: connections that are kept, and honest answers about what became of a mail."""
