"""The conditions of a playbook, as they are written."""
