"""Data of the vendor's company: team, brand, calendars, countries, CRM mapping, simulated behaviour."""
