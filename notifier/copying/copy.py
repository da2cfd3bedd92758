"""Copying the SQLite file to PostgreSQL, in one transaction there: all of it and verified, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import copied, schema
from notifier.columns import metadata
from notifier.copying import target as copying_target
from notifier.copying.checksums import Summed
from notifier.copying.refusal import CopyError
from notifier.copying.rows import Told, at_rest, pour, sum_up
from notifier.db import Database, Rank, sqlite_url
from notifier.instance import is_of_the_past, leave, locked
from notifier.opening import database_of, named
from notifier.settings import Database as DatabaseSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A table on both sides: `here` in the SQLite file, `there` in PostgreSQL."""

    table: str
    here: Summed
    there: Summed

    @property
    def is_same(self) -> bool:
        """Whether both have the same rows."""
        return self.here == self.there


class DifferentError(Exception):
    """What was copied is not what was read; nothing was kept of it."""

    def __init__(self, compared: Sequence[Compared]) -> None:
        super().__init__()
        self.compared = compared


async def copy_database(at: DatabaseSettings, *, machine_now: datetime, told: Told) -> Sequence[Compared]:
    """Copy every row, verify it, and note beside the file that it is to be served no more.

    Nobody serves from the file meanwhile, nor writes to it; it stays as it is. `told` is told of every row
    twice, when it is copied and when it is verified. An error that leaves the note is one of the commit:
    PostgreSQL may have kept the copy.

    Raises:
        InstanceError: somebody serves from the file, or it was copied before.
        CopyError: one of the two databases is not as it must be, or PostgreSQL does not take a row.
        DifferentError: the verification failed.
    """
    async with _both(at) as (source, target):
        with locked(at.path):
            await _demand_current(source, at)
            await schema.upgrade(target)
            compared = await _copy(source, target, at, machine_now, told)
            leave(at.path)
            return compared


async def compare(at: DatabaseSettings, *, told: Told) -> Sequence[Compared]:
    """Compare every table of the two databases, each in one state; `told` is told of the rows of both.

    Raises:
        CopyError: one of the two databases is not as it must be.
    """
    async with _both(at) as (source, target):
        await _demand_current(source, at)
        if not await schema.is_current(target):
            raise CopyError(f"{named(at)} is of another version; run `notifier migrate`")
        async with source.read() as here, target.read() as there:
            await copying_target.wait_for_us(there)
            sums = [await sum_up(here, table, at_rest(table), told=told) for table in metadata.sorted_tables]
            return await _beside(there, sums, told)


async def _copy(
    source: Database, target: Database, at: DatabaseSettings, machine_now: datetime, told: Told
) -> Sequence[Compared]:
    # A writing transaction on either side: no command can add what would then be missing on the other.
    async with source.write(Rank.HOUSEKEEPING) as here, target.write(Rank.HOUSEKEEPING) as there:
        await copying_target.seize(there)
        await _demand_a_service(here, at)
        await copying_target.clear(there, name=named(at))
        await _demand_a_present(here, at)
        sums = [await pour(here, there, table, told=told) for table in metadata.sorted_tables]
        await copying_target.make_ready(there)
        compared = await _beside(there, sums, told)
        if not all(one.is_same for one in compared):
            raise DifferentError(compared)
        # Before the commit, and never taken back: killed between the two, or if the commit is not answered,
        # nobody serves from either until somebody has looked, rather than both.
        await asyncio.to_thread(copied.note, at.path, to=named(at), at=machine_now)
        return compared


async def _beside(there: AsyncConnection, sums: Sequence[Summed], told: Told) -> Sequence[Compared]:
    return [
        Compared(table=table.name, here=here, there=await sum_up(there, table, select(table), told=told))
        for table, here in zip(metadata.sorted_tables, sums, strict=True)
    ]


async def _demand_current(source: Database, at: DatabaseSettings) -> None:
    if not await schema.is_current(source):
        raise CopyError(
            f'{at.path} is of another version; run `notifier migrate` without "url" in [database], which '
            "brings it up to date, then this again"
        )


async def _demand_a_service(here: AsyncConnection, at: DatabaseSettings) -> None:
    if await here.scalar(select(schema.instance.c.id)) is None:
        raise CopyError(f"nobody ever served from {at.path}; move it away, and begin on PostgreSQL")


async def _demand_a_present(here: AsyncConnection, at: DatabaseSettings) -> None:
    if await is_of_the_past(here, at.path):
        raise CopyError(
            f"{at.path} was restored from a backup, copied here, or copied to a database before, and what it "
            'calls unsaid may have been said: start `notifier serve` once without "url" in [database], which '
            "holds it, and stop it; then this. The hold is copied too"
        )


@asynccontextmanager
async def _both(at: DatabaseSettings) -> AsyncIterator[tuple[Database, Database]]:
    if at.url is None:
        raise CopyError('there is no "url" in [database], which says to which PostgreSQL database to copy')
    if not await asyncio.to_thread(at.path.is_file):
        raise CopyError(f'there is no SQLite file at {at.path}, the "path" in [database]')
    source, target = Database(sqlite_url(at.path)), database_of(at)
    try:
        yield source, target
    finally:
        await source.dispose()
        await target.dispose()
