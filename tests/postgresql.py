"""Databases of their own on a PostgreSQL server, for what several processes do at the same time."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine


@asynccontextmanager
async def new_database(server: URL) -> AsyncIterator[URL]:
    """Make an empty database that nobody else uses, and take it away at the end."""
    name = f"own_{uuid.uuid4().hex}"
    await _execute(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name)
    finally:
        await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(server: URL, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
