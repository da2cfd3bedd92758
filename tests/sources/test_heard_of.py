"""A source is believed about what it spoke of: procedures that it held, dates it covers, its own changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from notifier.db import Database
from notifier.events.model import Basis, EventKind
from notifier.events.tables import event
from notifier.procedures.due import CheckedAs, DueState, Edge
from notifier.procedures.model import Coverage, Status
from notifier.procedures.tables import change, due, milestone, procedure
from notifier.sources.intake import Origin
from notifier.sources.nice.page import read_page
from notifier.sources.sync import take_in
from notifier.sources.web_watch import forget_the_unwatched
from tests.cast import BEGIN, INTAKE, IP1783, dues, in_status, london, publication, read, rows, stored, sweep
from tests.journeys.web_body import OPEN_NOW, PUBLICATION, SCHEDULE, open_consultation, project_page
from tests.sources.project_lists import Record, project, projects
from tests.sources.watch_cast import LIST, Scene, reading

EXPECTED = date(2023, 3, 29)
NINE = london(2023, 3, 29)
FIVE_TO = NINE - timedelta(minutes=5)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OCTOBER = london(2022, 10, 3, 10)
MOVED = project_page(*SCHEDULE[:3], (PUBLICATION[0], "24 May 2023"))
ONE, TWO = project("GID-IPG1"), project("GID-IPG2")


async def checks(db: Database) -> dict[str, CheckedAs | None]:
    """Return what came of asking about the publication of each procedure."""
    query = (
        select(procedure.c.slug, due.c.checked_as)
        .select_from(due.join(milestone).join(procedure))
        .where(due.c.local_date == EXPECTED, due.c.edge == Edge.REACHED)
    )
    async with db.read() as conn:
        return {row.slug: row.checked_as for row in await conn.execute(query)}


async def waiting(db: Database) -> list[tuple[str, str, int]]:
    """Return every change: of what, in which state, and how often it is still to be seen."""
    return [(row["subject"], row["state"], row["reads_left"]) for row in await rows(db, change)]


async def said(db: Database) -> list[tuple[EventKind, Basis]]:
    return [(row["kind"], row["basis"]) for row in await rows(db, event)]


async def show(scene: Scene, *records: Record) -> None:
    """Show this list and read it."""
    scene.body.show(projects(*records), at=LIST)
    await scene.read(scene.source(LIST, name="list"), scene.clock.instant)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param((), id="it left the list"),
        pytest.param((project("GID-IPG1") | {"PublishedDate": "29 Marhc 2023"},), id="its record is refused"),
        pytest.param((project("GID-IPG1", LastModifiedDate="2023-02-01T09:00:00"),), id="it is older"),
    ],
)
async def test_a_list_vouches_only_for_the_procedures_that_it_held(
    db: Database, then: tuple[Record, ...]
) -> None:
    async with reading(db, FIVE_TO - 24 * HOUR, living=("web:list",)) as scene:
        await show(scene, project("GID-IPG1", LastModifiedDate="2023-03-01T09:00:00"), TWO)
        scene.clock.instant = FIVE_TO
        await show(scene, *then, TWO)
    assert await checks(db) == {"GID-IPG1": CheckedAs.UNREADABLE, "GID-IPG2": CheckedAs.STANDS}


async def test_a_list_that_did_not_change_vouches_for_nobody_that_had_left_it(db: Database) -> None:
    async with reading(db, FIVE_TO - 24 * HOUR, living=("web:list",)) as scene:
        await show(scene, ONE, TWO)
        scene.clock.instant = FIVE_TO - 2 * HOUR
        await show(scene, TWO)
        scene.clock.instant = FIVE_TO
        await show(scene, TWO)
        assert scene.body.statuses(LIST) == [200, 200, 304]
    assert await checks(db) == {"GID-IPG1": CheckedAs.UNREADABLE, "GID-IPG2": CheckedAs.STANDS}


BY_LIST = Origin(key="web:list", actor="source list", page_read_at=BEGIN, watched=True, fetched=True)


async def test_a_date_that_its_source_never_gives_is_said_as_scheduled_and_waits_for_nobody(
    db: Database,
) -> None:
    await read(db, IP1783, now=BEGIN)
    listed = replace(IP1783, milestones=(publication(EXPECTED),), covers=Coverage.PUBLICATION)
    await take_in(db, [listed], BY_LIST, intake=INTAKE, now=BEGIN)
    found = await stored(db)
    assert (found.source_key, found.covers) == ("web:list", Coverage.PUBLICATION)
    await sweep(db, london(2022, 9, 8))
    assert await said(db) == [(EventKind.MEETING, Basis.SCHEDULED)]
    await sweep(db, NINE)
    # The list speaks for the publication: that waits until it is asked.
    assert {kind for kind, _ in await said(db)} == {EventKind.MEETING, EventKind.OPENED, EventKind.CLOSED}


async def test_a_source_is_read_whole_again_after_somebody_imported_its_procedure(db: Database) -> None:
    async with reading(db, OCTOBER) as scene:
        source = scene.source()
        await scene.read(source, OCTOBER)
        page = read_page(MOVED, name="page", reference=None, today=OCTOBER.date())
        by_hand = Origin(key="import:page", actor="Cora", page_read_at=OCTOBER + HOUR)
        await take_in(db, [page], by_hand, intake=INTAKE, now=OCTOBER + HOUR)
        await scene.read(source, OCTOBER + 2 * HOUR)
        assert scene.body.statuses() == [200, 200]
        await scene.read(source, OCTOBER + 3 * HOUR)
        assert scene.body.statuses() == [200, 200, 304]
    assert (await stored(db, page)).milestones[-1].dates.start == EXPECTED


async def test_a_change_settles_whose_source_is_watched_no_more(db: Database) -> None:
    async with reading(db, OCTOBER) as scene:
        await scene.read(scene.source(), OCTOBER)
        scene.body.show(MOVED)
        await scene.read(scene.source(), OCTOBER + HOUR)
    await sweep(db, OCTOBER + 2 * HOUR)
    assert await said(db) == []
    await forget_the_unwatched(db, [])
    await sweep(db, OCTOBER + 2 * HOUR)
    assert await said(db) == [(EventKind.MOVED, Basis.CONFIRMED)]


@pytest.mark.parametrize(
    ("published", "state", "told"),
    [
        pytest.param("2023-05-24", "announced", [(EventKind.MOVED, Basis.CONFIRMED)], id="a move"),
        pytest.param(None, "lapsed", [], id="a removal"),
    ],
)
async def test_of_a_procedure_that_left_its_list_a_move_is_told_and_a_removal_is_not(
    db: Database, published: str | None, state: str, told: list[tuple[EventKind, Basis]]
) -> None:
    async with reading(db, OCTOBER, living=("web:list",)) as scene:
        await show(scene, ONE, TWO)
        scene.clock.instant = OCTOBER + HOUR
        await show(scene, project("GID-IPG1", published), TWO)
        assert [(one, reads) for _, one, reads in await waiting(db)] == [("pending", 1)]
        scene.clock.instant = OCTOBER + 3 * HOUR
        await show(scene, TWO)
    await sweep(db, OCTOBER + 3 * HOUR)
    assert [one for _, one, _ in await waiting(db)] == [state]
    assert await said(db) == told


async def test_a_change_is_seen_again_by_its_own_source_and_by_no_other(db: Database) -> None:
    start = london(2022, 10, 20, 10)
    async with reading(db, start, living=("web:ip1783", "web:open")) as scene:
        page, beside = scene.source(), scene.source(OPEN_NOW, name="open")
        scene.body.show(open_consultation("2022-10-14", "2022-11-11"), at=OPEN_NOW)
        await scene.read(page, start)
        scene.body.show(MOVED)
        await scene.read(page, start + HOUR)
        before = await waiting(db)
        await scene.read(beside, start + 2 * HOUR)
        assert [one for one in await waiting(db) if one[0] == "expected-publication"] == before
        assert before == [("expected-publication", "pending", 1)]
        await scene.read(page, start + 3 * HOUR)
    assert ("expected-publication", "pending", 0) in await waiting(db)


async def test_a_reference_of_another_procedure_is_no_news(db: Database) -> None:
    other = replace(IP1783, reference="GID-IPG2")
    await read(db, IP1783, now=BEGIN)
    await read(db, other, now=BEGIN)
    for hours in (1, 2):
        taken = await read(db, replace(other, aliases=(IP1783.reference,)), now=BEGIN + hours * HOUR)
        assert taken.changes == ()
    assert [(row["slug"], row["revision"]) for row in await rows(db, procedure)] == [
        ("GID-IPG1783", 1),
        ("GID-IPG2", 1),
    ]


async def test_the_first_load_of_a_second_source_is_silent_about_what_was_known_and_arms_its_dates(
    db: Database,
) -> None:
    listed = replace(IP1783, milestones=IP1783.milestones[3:], covers=Coverage.PUBLICATION)
    await take_in(db, [listed], BY_LIST, intake=INTAKE, now=BEGIN)
    page = Origin(key="web:page", actor="source page", page_read_at=BEGIN + HOUR, watched=True, fetched=True)
    done = await take_in(db, [in_status(IP1783, Status.SUSPENDED)], page, intake=INTAKE, now=BEGIN + HOUR)
    assert [len(one.changes) for one in done.taken] == [4]
    assert await waiting(db) == []
    await take_in(
        db, [IP1783], replace(page, page_read_at=BEGIN + 2 * HOUR), intake=INTAKE, now=BEGIN + 2 * HOUR
    )
    found = await dues(db)
    assert found["consultation", "opens", date(2022, 10, 14)].state is DueState.PENDING
    assert [subject for subject, _, _ in await waiting(db)] == ["status"]  # what changes later is told
