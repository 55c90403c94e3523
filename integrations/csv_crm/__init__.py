"""A folder of CSV files as CRM: exported files are only read, first90's two objects have files of their own."""
