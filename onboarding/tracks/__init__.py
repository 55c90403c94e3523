"""What follows first value: the phases of a customer and the tracks of its playbook (ST-10, ST-11, ST-15)."""
