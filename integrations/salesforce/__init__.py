"""A Salesforce org as CRM, read and written through simple-salesforce; its exceptions end in this folder."""
