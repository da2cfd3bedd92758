"""Noting what is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def noting() -> Iterator[list[str]]:
    """Collect the text of every statement that runs in the block, on any database."""
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, _p: Any, _x: object, _m: bool) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
