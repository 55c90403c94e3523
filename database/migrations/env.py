"""Run by Alembic: migrates over the connection in the configuration's attributes, inside its transaction."""

from alembic import context

from database.tables.partial_indexes import whole_schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=whole_schema(),
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
