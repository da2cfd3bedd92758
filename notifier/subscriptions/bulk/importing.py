"""Importing a list of subscribers: read row by row, taken in by chunks, every refused row reported."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database
from notifier.procedures.model import shown_id
from notifier.procedures.tables import procedure, procedure_alias
from notifier.subscriptions.bulk.csv_file import CsvFile, rows
from notifier.subscriptions.bulk.rows import Known, Refused, Row, Wanted, read_row
from notifier.subscriptions.bulk.taking_in import CHUNK, take_in
from notifier.subscriptions.bulk.writing import Importing

T = TypeVar("T")


@dataclass(slots=True)
class Report:
    """How many rows were taken in, were there already, and were refused."""

    new: int = 0
    there: int = 0
    refused: int = 0


async def import_list(
    db: Database,
    file: CsvFile,
    known: Known,
    importing: Importing,
    *,
    refuse: Callable[[Refused], None],
    advanced: Callable[[int], None],
) -> Report:
    """Import a list. `refuse` is told of each refused row, `advanced` the line that was reached.

    Each chunk is one transaction: whatever ends it in between, the next time goes on where it was.

    Raises:
        ListError: the file's first line names no columns, or others.
    """
    report = Report()
    seen: set[int] | None = set() if importing.dry_run else None

    def refused(one: Refused) -> None:
        report.refused += 1
        refuse(one)

    for chunk in _chunks(rows(file), CHUNK):
        read = [one if isinstance(one, Refused) else read_row(one, known) for one in chunk]
        good = [one for one in read if isinstance(one, Wanted)]
        taken = await take_in(db, good, importing, seen)
        report.new += taken.new
        report.there += taken.there
        bad = [one for one in read if isinstance(one, Refused)]
        for one in sorted((*bad, *taken.refused), key=lambda each: each.row.line):
            refused(one)
        advanced(_line(chunk[-1]))
    return report


def _line(one: Row | Refused) -> int:
    return one.row.line if isinstance(one, Refused) else one.line


def _chunks(items: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    while chunk := list(islice(items, size)):
        yield chunk


async def what_is_known(conn: AsyncConnection, presets: Sequence[str], *, today: date) -> Known:
    """Return what can be followed and chosen; `presets` have the usual one first."""
    aliases = await conn.execute(select(procedure_alias.c.reference_key, procedure_alias.c.procedure_id))
    columns = (procedure.c.slug, procedure.c.process, procedure.c.technology_type, procedure.c.id_number)
    found = (await conn.execute(select(*columns).order_by(procedure.c.id))).all()
    numbers: dict[str, list[str]] = {}
    for row in found:
        shown = shown_id(row.process, row.id_number, row.slug)
        for name in {shown.casefold(), (row.id_number or "").casefold()} - {"", row.slug.casefold()}:
            numbers.setdefault(name, []).append(row.slug)
    return Known(
        procedures={row.reference_key: row.procedure_id for row in aliases},
        numbers=numbers,
        processes=frozenset(row.process.casefold() for row in found if row.process),
        technologies=frozenset(row.technology_type.casefold() for row in found if row.technology_type),
        presets=presets,
        today=today,
    )
