"""A folder of CSV files as CRM: the exported files are only read, our two objects are written beside."""
