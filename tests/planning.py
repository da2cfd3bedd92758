"""SQLite's plans of the statements that really run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from notifier.db import Database


@asynccontextmanager
async def plans(db: Database, *verbs: str) -> AsyncIterator[list[str]]:
    """Collect the plan of each statement that begins with one of `verbs` and runs in the block."""
    ran: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, parameters: Any, _x: object, _m: bool) -> None:
        if statement.lstrip().startswith(verbs):
            ran.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    async with db.read() as conn:
        for statement, parameters in ran:
            lines = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.append("; ".join(line.detail for line in lines))
