"""SendGrid: sender and webhook."""
