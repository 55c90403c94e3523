"""Run by Alembic: migrates over the connection that it was handed, inside that connection's transaction."""

from alembic import context

from database.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
