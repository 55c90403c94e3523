"""Files that a person keeps: YAML with places, bounds, mistakes with their mend, private files."""
