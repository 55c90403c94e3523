"""The column types that both databases share: instants and small structures."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from onboarding.limits import bounded

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware moment, in UTC on the way in and out. A naive one is refused: it is somebody's local time.

    PostgreSQL keeps it as ``timestamptz``; SQLite as ISO text of fixed length, which sorts as time does.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type for instants."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """To UTC. Raises ValueError for a naive datetime."""
        as_text = dialect.name == "sqlite"

        def to_utc(value: datetime | None) -> Any:
            if value is None:
                return None
            if value.utcoffset() is None:
                raise ValueError(f"a moment without a zone cannot be stored: {value!r}")
            value = value.astimezone(UTC)
            return value.isoformat(timespec="microseconds") if as_text else value

        return to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """From the database's form to an aware datetime in UTC, within the limits of dates."""
        if dialect.name == "sqlite":
            return lambda value: None if value is None else bounded(datetime.fromisoformat(value))
        return lambda value: None if value is None else bounded(value.astimezone(UTC))


def moment(name: str, *, optional: bool = True) -> Column[Any]:
    """A column of instants."""
    return Column(name, Instant(), nullable=optional)


def words(name: str, *, optional: bool = False, **more: Any) -> Column[Any]:
    """A column of text."""
    return Column(name, String, nullable=optional, **more)


def structure(name: str, *, optional: bool = False) -> Column[Any]:
    """A column of a small JSON structure."""
    return Column(name, JSON(none_as_null=True), nullable=optional)


def dump(value: Any) -> str:
    """JSON of one spelling for one value, so that equal values compare equal as text."""
    return _encoder.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot be kept as JSON: {value!r}")


_encoder = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
