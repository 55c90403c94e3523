"""What mails take from the plan page."""
