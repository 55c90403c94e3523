"""The language of a reader: phrases, dates, numbers and lists; English is built in, others are files."""
