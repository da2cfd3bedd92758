"""Sources in the database: what each said last, how asking it went, and when it is asked again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.columns import UtcDateTime
from notifier.procedures.tables import source

WEB_PREFIX = "web:"
"""What the key of a source begins with that is asked over the web; a folder or a file has another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A source that was read or asked. `reference_key` is the procedure it speaks for; empty where many.

    `read_at` is when it was last read well, `asked_at` when it was last asked, `next_at` when it may be asked
    again; `failures` counts since it was last read well, and `problem` says what was wrong the last time.
    `etag` and `last_modified` are what it said of the content that was read last (RFC 9110 §8.8).
    """

    key: str
    digest: str = ""
    reference_key: str = ""
    read_at: datetime | None = None
    asked_at: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    problem: str | None = None
    etag: str | None = None
    last_modified: str | None = None


async def known(conn: AsyncConnection) -> Mapping[str, KnownSource]:
    """Return every source that was ever read or asked, by key."""
    return {row["key"]: _known(row) for row in (await conn.execute(select(source))).mappings()}


async def failing(conn: AsyncConnection) -> Sequence[KnownSource]:
    """Return the sources that could not be read when they were last asked, the longest first."""
    query = select(source).where(source.c.failing_since.is_not(None)).order_by(source.c.failing_since)
    return [_known(row) for row in (await conn.execute(query)).mappings()]


async def note(
    conn: AsyncConnection, key: str, *, now: datetime, digest: str = "", reference_key: str = ""
) -> bool:
    """Note that a source was read well with this content. Return whether it was the first time."""
    values = {
        "digest": digest,
        "reference_key": reference_key,
        "read_at": now,
        "asked_at": now,
        "failures": 0,
        "failing_since": None,
        "problem": None,
    }
    found = (
        await conn.execute(select(source.c.id, source.c.first_read_at).where(source.c.key == key))
    ).first()
    if found is None:
        await conn.execute(insert(source).values(key=key, first_read_at=now, **values))
        return True
    first = found.first_read_at is None
    values |= {"first_read_at": now} if first else {}
    await conn.execute(update(source).where(source.c.id == found.id).values(values))
    return first


async def is_known(conn: AsyncConnection, key: str) -> bool:
    """Whether a source was ever read well."""
    query = select(source.c.id).where(source.c.key == key, source.c.first_read_at.is_not(None))
    return await conn.scalar(query) is not None


async def note_failure(
    conn: AsyncConnection, key: str, problem: str, *, now: datetime, next_at: datetime
) -> None:
    """Note that a source could not be read. What is stored of it stays as it was."""
    found = await conn.scalar(select(source.c.id).where(source.c.key == key))
    if found is None:
        await conn.execute(insert(source).values(key=key))
    await conn.execute(
        update(source)
        .where(source.c.key == key)
        .values(
            asked_at=now,
            next_at=next_at,
            failures=source.c.failures + 1,
            failing_since=func.coalesce(source.c.failing_since, bindparam(None, now, type_=UtcDateTime())),
            problem=problem,
        )
    )


async def schedule(
    conn: AsyncConnection, key: str, *, next_at: datetime, etag: str | None, last_modified: str | None
) -> None:
    """Note when a source is asked again, and by what it can say that nothing changed."""
    await conn.execute(
        update(source)
        .where(source.c.key == key)
        .values(next_at=next_at, etag=etag, last_modified=last_modified)
    )


async def forget_content(conn: AsyncConnection, key: str) -> None:
    """Ask a source for its whole content the next time: what is stored is no longer what it said."""
    await conn.execute(
        update(source).where(source.c.key == key).values(digest="", etag=None, last_modified=None)
    )


async def forget_asking(conn: AsyncConnection, kept: Collection[str]) -> None:
    """Forget how asking went of web sources that are none of `kept`: nobody asks them any more."""
    await conn.execute(
        update(source)
        .where(source.c.key.startswith(WEB_PREFIX), source.c.key.not_in(kept))
        .values(next_at=None, failures=0, failing_since=None, problem=None, etag=None, last_modified=None)
    )


def _known(row: RowMapping) -> KnownSource:
    return KnownSource(**{field.name: row[field.name] for field in fields(KnownSource)})
