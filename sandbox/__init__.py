"""A Salesforce on this machine, as strict as the real one in everything that first90 uses."""
