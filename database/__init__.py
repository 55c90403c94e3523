"""What do we remember? Tables, one-transaction saves, the ledger of effects, queries and migrations.

Rows never leave this room: frozen values and ids go in and come out. Every function takes the connection of
a transaction that its caller opened (``engine.Database.reading`` or ``.writing``), so that what belongs
together is saved together. Works alike on SQLite and PostgreSQL.
"""
