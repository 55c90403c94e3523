"""Playbooks read from a folder, checked, and known by the hash of their content."""
