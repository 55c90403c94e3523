"""A Salesforce on this machine, as strict as the real one about everything first90 uses."""
