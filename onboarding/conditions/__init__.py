"""The conditions of a playbook: whether they hold for a case, and the playbook that follows for it."""
