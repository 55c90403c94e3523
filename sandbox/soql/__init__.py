"""SOQL: tokens, parser, tree, and the execution of queries."""
