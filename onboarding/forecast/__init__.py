"""When stages and go-live will be reached, and the reason for every day gained or lost."""
