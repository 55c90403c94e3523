"""The board: the portfolio and each account as pages for our own people, served or written as files."""
