"""Files of an operator: YAML with line numbers, limits, mistakes with their mend, file permissions."""
