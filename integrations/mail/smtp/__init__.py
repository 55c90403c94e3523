"""Mail over SMTP: a connection pool, and the result of each reply."""
