"""Objects, fields, permissions and values, as Salesforce describes and checks them."""
