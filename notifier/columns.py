"""What every room's tables are made of: where they are gathered, ids, instants, indexes of some rows."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, MetaData, TypeDecorator, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of every room; the rooms' `tables.py` fill it, `schema.py` migrates it."""

Id = BigInteger().with_variant(Integer, "sqlite")
"""Row ids: 64 bits on both databases (only `INTEGER` is an alias of SQLite's rowid)."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; SQLite would drop an offset in silence, so naive values raise."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def partial_index(name: str, *columns: str, where: str, **options: Any) -> Index:
    """Return an index of the rows `where` something holds, on SQLite and PostgreSQL.

    Saying it in PostgreSQL's own words too would load its dialect into every process, two megabytes: only the
    migrations have them, which make the tables.
    """
    return Index(name, *columns, sqlite_where=text(where), **options)
