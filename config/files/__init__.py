"""Files of an operator: YAML with line numbers, limits, mistakes with their remedy, file permissions."""
