"""The company in whose name mails and pages speak to customers: its file and its colours."""
