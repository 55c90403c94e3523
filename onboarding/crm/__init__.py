"""Rules of the CRM: intake of won deals, rows to write, and edits of people there."""
