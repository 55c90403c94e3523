"""One cache of compiled statements for every database that the tests open.

SQLAlchemy keeps what it has compiled with its engine. Each test has a database and so an engine of its own, and
compiling the product's statements anew for each was a quarter of what the tests of ``tasks/`` cost.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event


class CompiledStatements(dict[Any, Any]):
    """Compiled statements by what makes their SQL, and not by the engine whose dialect object compiled them."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_any_engine(key), compiled)


def share() -> None:
    """Let every connection that is opened from now on use the one cache."""
    cache = CompiledStatements()

    @event.listens_for(Engine, "engine_connect")
    def use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=cache)


def _of_any_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    return (type(dialect), dialect._json_serializer, *rest)
