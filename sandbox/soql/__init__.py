"""SOQL: tokens, parser, tree, and queries carried out."""
