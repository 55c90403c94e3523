"""Playbooks read from a folder, checked, and identified by the hash of their content."""
