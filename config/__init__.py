"""What an operator may change: playbooks, tier rules, mail templates, settings, CRM mapping, team and calendars."""
