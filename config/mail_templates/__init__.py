"""Mail templates: read, checked and rendered."""
