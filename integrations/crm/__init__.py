"""Records of any CRM: cells, places, conversion rates, and the record of each object."""
