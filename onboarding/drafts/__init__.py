"""Mails that wait for their owner before they are sent."""
