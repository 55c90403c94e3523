"""The database: tables, saves in one transaction, the ledger of effects, queries and migrations.

Functions take and return frozen values and ids, never rows. Each takes the connection of a transaction that its caller
opened (``engine.Database.reading`` or ``.writing``), so that what belongs together is saved together. All of it works
alike on SQLite and PostgreSQL.
"""
