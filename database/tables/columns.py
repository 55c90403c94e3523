"""The base class of all tables, and the kinds of columns that both databases share."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import JSON, Column, DateTime, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel
from sqlmodel.main import SQLModelMetaclass

from onboarding.dates.limits import bounded

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

    Stored = Mapped
else:

    class Stored:
        """The annotation of a column. SQLModel reads ``Stored[str]`` as ``str``; mypy reads it as SQLAlchemy's
        ``Mapped[str]``, so that a class's attribute is a typed column in every statement, without ``col()`` around it.
        """

        def __class_getitem__(cls, held: Any) -> Any:
            return held


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class TableClass(SQLModelMetaclass):
    """Make the ``Table`` of a class and nothing else. Its attributes are the columns that SQLModel makes of its fields.

    SQLAlchemy's mapping of objects is left out: rows are read as tuples, so nothing would use it. It takes more than
    half of the time in which the classes are declared, and a statement of mapped attributes takes half as long again
    to compile.
    """

    __table__: Table

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **settings: Any) -> None:
        type.__init__(cls, name, bases, namespace)
        if settings.get("table"):
            made = [cls.__dict__[field] for field in cls.model_fields]
            for field, column in zip(cls.model_fields, made, strict=True):
                column.key = column.name = field
            cls.__table__ = Table(namespace["__tablename__"], metadata, *made, *namespace.get("__table_args__", ()))

    def __clause_element__(cls) -> Table:
        """Return what stands for the class in a statement: ``select(RateRow)`` selects all of its columns."""
        return cls.__table__


class TableRow(SQLModel, metaclass=TableClass):
    """The base of every table's class. The classes type the statements; rows are read as named tuples, because
    building an object for every row would cost more than reading it."""

    # These classes never validate a value, and without validators they are declared faster.
    model_config = {"defer_build": True}
    metadata = metadata


Row = TypeVar("Row", bound=TableRow)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, in UTC on the way in and out. A naive one is refused, because its zone is unknown.

    PostgreSQL stores it as ``timestamptz``; SQLite as ISO text of fixed length, which sorts by time.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return a text type on SQLite, which has no type for instants."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Return the conversion to UTC, which raises ValueError for a naive datetime."""
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
        """Return the conversion to an aware datetime in UTC, within the limits of dates."""
        if dialect.name == "sqlite":
            return lambda value: None if value is None else bounded(datetime.fromisoformat(value))
        return lambda value: None if value is None else bounded(value.astimezone(UTC))


def columns(table: type[TableRow], *names: str) -> tuple[Column[Any], ...]:
    """Return the columns of these names. Raise KeyError for a name that the table does not have."""
    return tuple(table.__table__.c[name] for name in names)


def aliased(table: type[Row], name: str) -> type[Row]:
    """Return the columns of the table under another name, for a statement in which it stands twice."""
    found = table.__table__.alias(name).c
    return cast(type[Row], SimpleNamespace(**{column.key: column for column in found}))


def string(**more: Any) -> Any:
    """Return a column of text without a length limit."""
    return Field(sa_type=String, **more)


def long_text() -> Any:
    """Return a column of long text, which no index covers."""
    return Field(sa_type=Text)


def instant(**more: Any) -> Any:
    """Return a column of instants."""
    return Field(sa_type=Instant, **more)


def structure() -> Any:
    """Return a column of a small JSON structure; None is stored as NULL."""
    return Field(sa_type=JSON(none_as_null=True))


def dump(value: Any) -> str:
    """Return the value as canonical JSON, so that equal values compare equal as text."""
    return _encoder.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot be kept as JSON: {value!r}")


_encoder = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
