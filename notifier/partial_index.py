"""Indexes of only some rows of a table, as both databases know them."""

from typing import Any

from sqlalchemy import Index, text


def partial_index(name: str, *columns: str, where: str, **options: Any) -> Index:
    """Return an index of the rows `where` something holds, on SQLite and PostgreSQL.

    Saying it in PostgreSQL's own words too would load its dialect into every process, two megabytes: only the
    migrations have them, which make the tables.
    """
    return Index(name, *columns, sqlite_where=text(where), **options)
