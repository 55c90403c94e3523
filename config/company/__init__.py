"""The company's own data: team, brand, calendars, countries, CRM mapping, simulated behaviour."""
