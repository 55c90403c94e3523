"""Records of any CRM: cells, places, rates, our record of each object."""
