"""Tasks of one account besides those of its playbook: facts that every rule for milestones reads as milestones."""
