"""How much taking in a long list asks of the database: a list read again must cost next to nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from notifier.db import Database
from notifier.procedures.model import Snapshot, Status
from notifier.procedures.tables import change, due, procedure, revision
from notifier.sources.intake import Origin, Taken
from notifier.sources.reading import read_document
from notifier.sources.sync import CHUNK, MOST_REWRITTEN, take_in
from tests.cast import INTAKE, RULES, in_status, rows
from tests.sources.long_lists import TODAY, project_list

PROJECTS = 887
"""As many as stood in NICE's list in July 2021."""

_REVISION = "INSERT INTO revision"
_END = "the end of a transaction"

FIRST_READ = RULES.announcement(TODAY)


def listed(size: int = PROJECTS) -> Sequence[Snapshot]:
    content = project_list(size, moved=False)
    return read_document(
        content, name="list.json", reference=None, address=None, zone=RULES.zone, today=TODAY
    ).snapshots


async def taken_in(db: Database, snapshots: Sequence[Snapshot], *, days: int = 0) -> Sequence[Taken]:
    """Take in a list as it was fetched so many days after the first time."""
    now = FIRST_READ + timedelta(days=days)
    origin = Origin(key="web:list", actor="source list", page_read_at=now, watched=True, fetched=True)
    done = await take_in(db, snapshots, origin, intake=INTAKE, now=now)
    assert done.problems == ()
    return done.taken


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is executed and committed; one statement for many rows is one."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: Any) -> None:
        seen.append(statement)

    def note_end(_conn: object) -> None:
        seen.append(_END)

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", note_end)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "commit", note_end)


async def statements_of_a_second_read(db: Database, size: int) -> int:
    """Take in a list twice. Return what the second time executed, whatever was stored before."""
    snapshots = listed(size)
    await taken_in(db, snapshots)
    with statements() as seen:
        await taken_in(db, snapshots, days=1)
    return len(seen)


async def test_a_list_read_again_makes_no_revision_no_change_and_touches_no_due_instant(db: Database) -> None:
    snapshots = listed()
    assert len(snapshots) == PROJECTS
    first = await taken_in(db, snapshots)
    assert all(one.is_new for one in first)
    before = [await rows(db, table) for table in (revision, change, due)]
    again = await taken_in(db, snapshots, days=1)
    assert not any(one.is_new or one.changes for one in again)
    assert [await rows(db, table) for table in (revision, change, due)] == before
    assert {one["revision"] for one in await rows(db, procedure)} == {1}
    assert {one["read_at"] for one in await rows(db, procedure)} == {FIRST_READ + timedelta(days=1)}


async def test_an_unchanged_list_costs_statements_by_the_chunk_and_not_by_the_procedure(db: Database) -> None:
    one_chunk = await statements_of_a_second_read(db, CHUNK // 5)
    assert await statements_of_a_second_read(db, CHUNK) == one_chunk
    five_chunks = await statements_of_a_second_read(db, CHUNK * 5)
    four_chunks = await statements_of_a_second_read(db, CHUNK * 4)
    assert five_chunks - one_chunk == 4 * (five_chunks - four_chunks)


async def test_a_new_stamp_of_each_project_costs_one_statement_more_in_each_chunk(db: Database) -> None:
    snapshots = listed(CHUNK)
    await taken_in(db, snapshots)
    with statements() as seen:
        await taken_in(db, snapshots, days=1)
    stamps = [replace(one, as_of=FIRST_READ - timedelta(minutes=n)) for n, one in enumerate(snapshots)]
    with statements() as stamped:
        await taken_in(db, stamps, days=2)
    assert len(stamped) == len(seen) + 1
    assert {one["as_of"] for one in await rows(db, procedure)} == {one.as_of for one in stamps}


async def test_one_transaction_rewrites_few_procedures_however_many_changed(db: Database) -> None:
    snapshots = listed(CHUNK)
    await taken_in(db, snapshots)
    with statements() as seen:
        taken = await taken_in(db, [in_status(one, Status.DISCONTINUED) for one in snapshots], days=1)
    of_each = [part.count(_REVISION) for part in _transactions(seen)]
    assert max(of_each) == MOST_REWRITTEN
    assert sum(of_each) == sum(bool(one.changes) for one in taken) > CHUNK // 2
    assert sorted(one.reference for one in taken) == sorted(one.reference for one in snapshots)
    assert {one["status"] for one in await rows(db, procedure)} == {Status.DISCONTINUED}


async def test_one_document_speaks_of_a_procedure_once_however_far_apart(db: Database) -> None:
    first, *others = listed(CHUNK + 1)
    await taken_in(db, [first])
    double = replace(first, reference="HTG1", aliases=(first.reference,))
    origin = Origin(key="web:list", actor="source list")
    done = await take_in(db, [first, *others, double], origin, intake=INTAKE, now=FIRST_READ)
    assert [one.found for one in done.problems] == ["HTG1"]
    assert len(done.taken) == CHUNK + 1


def _transactions(seen: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for each in seen:
        part.append(_REVISION if each.startswith(_REVISION) else each)
        if each == _END:
            yield part
            part = []
