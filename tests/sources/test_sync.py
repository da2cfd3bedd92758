"""Taking in what sources say: what is stored, what waits to be told, and what is armed."""

from dataclasses import replace
from datetime import date, time, timedelta

from notifier.db import Database, Rank
from notifier.procedures import change_store, due_store
from notifier.procedures.due import DueState
from notifier.procedures.model import Status
from notifier.procedures.revise import ChangeKind
from notifier.procedures.tables import change, due, procedure, revision, source
from notifier.sources.arming import rearm_all
from notifier.sources.intake import Intake, Origin
from notifier.sources.sync import preview, take_in
from tests.cast import (
    BEGIN,
    IP1783,
    RULES,
    consultation,
    count,
    dues,
    in_status,
    london,
    meeting,
    publication,
    read,
    rows,
    snapshot,
    stored,
)

MOVED = replace(IP1783, milestones=(*IP1783.milestones[:3], publication(date(2023, 5, 24))))
IN_CONSULTATION = london(2022, 10, 20)
OPENS = ("consultation", "opens", date(2022, 10, 14))
PUBLISHED = ("publication", "reached", date(2023, 3, 29))


async def _waiting(db: Database) -> list[ChangeKind]:
    """Return what waits to be told of all procedures."""
    async with db.read() as conn:
        ids = await change_store.settled(conn, london(2030, 1, 1), 100)
        later = london(2030, 1, 1)
        settled = await change_store.take(conn, ids, now=later, rules=RULES)
        taken = [one for id_ in ids for one in settled[id_]]
        return [one.change.kind for one in taken]


async def test_the_first_load_of_a_source_is_silent(db: Database) -> None:
    taken = await read(db, IP1783, now=IN_CONSULTATION)
    assert taken.is_new
    assert not taken.wholly_past
    found = await dues(db)
    assert found[OPENS].state is DueState.HISTORY
    assert found[PUBLISHED].state is DueState.PENDING
    assert await _waiting(db) == []


async def test_a_procedure_first_seen_later_inside_its_open_consultation_is_told(db: Database) -> None:
    await read(db, snapshot(number=1), now=BEGIN, source="the list")
    await read(db, IP1783, now=IN_CONSULTATION, source="the list")
    found = await dues(db)
    assert found[OPENS].state is DueState.PENDING
    assert found[OPENS].instant.due_at == london(2022, 10, 14)
    assert found["ipac-1", "reached", date(2022, 9, 8)].state is DueState.HISTORY
    assert await _waiting(db) == [ChangeKind.LISTED]


async def test_a_procedure_first_seen_after_its_consultation_is_not_told_as_open(db: Database) -> None:
    await read(db, snapshot(number=1), now=BEGIN, source="the list")
    await read(db, IP1783, now=london(2022, 11, 11, 17), source="the list")
    assert (await dues(db))[OPENS].state is DueState.HISTORY


async def test_a_wholly_past_schedule_is_listed_even_on_first_load(db: Database) -> None:
    taken = await read(db, IP1783, now=london(2026, 11, 1))
    assert taken.wholly_past
    assert {one.state for one in (await dues(db)).values()} == {DueState.HISTORY}
    assert await _waiting(db) == [ChangeKind.LISTED]


async def test_a_moved_milestone_is_armed_anew_and_its_old_date_is_withdrawn(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    taken = await read(db, MOVED, now=IN_CONSULTATION)
    assert [one.kind for one in taken.changes] == [ChangeKind.MOVED]
    found = await dues(db)
    assert found[PUBLISHED].state is DueState.WITHDRAWN
    assert found["publication", "reached", date(2023, 5, 24)].state is DueState.PENDING
    assert found["publication", "not_yet", date(2023, 5, 25)].state is DueState.PENDING
    assert await _waiting(db) == [ChangeKind.MOVED]


async def test_there_and_back_again_is_as_if_nothing_had_been(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    before = await dues(db)
    await read(db, MOVED, now=IN_CONSULTATION)
    await read(db, IP1783, now=IN_CONSULTATION + timedelta(minutes=10))
    after = await dues(db)
    assert {key: after[key] for key in before} == before
    assert after["publication", "reached", date(2023, 5, 24)].state is DueState.WITHDRAWN
    assert await _waiting(db) == []
    assert [one["state"] for one in await rows(db, change)] == ["lapsed"]


async def test_a_change_settles_half_an_hour_after_it_was_seen(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await read(db, MOVED, now=IN_CONSULTATION)
    async with db.read() as conn:
        assert await change_store.next_settling(conn) == IN_CONSULTATION + timedelta(minutes=30)


async def test_the_same_reading_again_changes_nothing(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    before = [await rows(db, table) for table in (procedure, due, change, revision)]
    taken = await read(db, IP1783, now=IN_CONSULTATION)
    assert taken.changes == ()
    assert not taken.is_new
    assert [await rows(db, table) for table in (procedure, due, change, revision)] == before


async def test_a_draft_is_stored_and_neither_armed_nor_told(db: Database) -> None:
    draft = replace(IP1783, draft=True)
    await read(db, snapshot(number=1), now=BEGIN, source="the list")
    await read(db, draft, now=BEGIN, source="the list")
    assert (await stored(db)).draft
    assert await dues(db) == {}
    assert await _waiting(db) == []


async def test_a_draft_that_is_let_go_speaks_on_its_dates(db: Database) -> None:
    await read(db, replace(IP1783, draft=True), now=BEGIN)
    await read(db, IP1783, now=london(2022, 9, 10))
    found = await dues(db)
    assert found["ipac-1", "reached", date(2022, 9, 8)].state is DueState.HISTORY
    assert found[OPENS].state is DueState.PENDING


async def test_a_procedure_drawn_back_into_draft_falls_silent(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await read(db, replace(IP1783, draft=True), now=IN_CONSULTATION)
    assert (await dues(db))[PUBLISHED].state is DueState.WITHDRAWN
    async with db.read() as conn:
        assert await due_store.next_attempt(conn) is None


async def test_a_suspended_procedure_is_armed_again_when_it_restarts(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await read(db, in_status(IP1783, Status.SUSPENDED), now=london(2022, 10, 1))
    assert {one.state for one in (await dues(db)).values()} == {DueState.WITHDRAWN}
    async with db.write(Rank.ANNOUNCE) as conn:
        told_at = london(2022, 10, 2)
        await change_store.take(conn, [1], now=told_at, rules=RULES)  # the suspension was told
    await read(db, IP1783, now=london(2022, 12, 1))
    found = await dues(db)
    assert found[OPENS].state is DueState.HISTORY
    assert found[PUBLISHED].state is DueState.PENDING
    assert await count(db, revision) == 2


async def test_a_preview_says_what_would_change_and_writes_nothing(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    before = [await rows(db, table) for table in (source, procedure, due, change, revision)]
    new = snapshot(meeting("ipac-1", date(2023, 9, 8)), number=2)
    previewed, known = await preview(
        db, [MOVED, new], Origin(key="pages", actor="import"), today=date(2022, 10, 20)
    )
    assert [[(one.kind, one.subject) for one in taken.changes] for taken in previewed.taken] == [
        [(ChangeKind.MOVED, "publication")],
        [(ChangeKind.LISTED, "listed")],
    ]
    assert list(known) == ["gid-ipg1783"]
    assert [await rows(db, table) for table in (source, procedure, due, change, revision)] == before


async def test_another_announcement_hour_moves_every_instant_to_come(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    at_ten = replace(RULES, announce_at=time(10))
    await rearm_all(db, rules=at_ten, now=IN_CONSULTATION)
    found = await dues(db)
    assert found[PUBLISHED].instant.due_at == london(2023, 3, 29, 10)
    assert found[PUBLISHED].state is DueState.PENDING
    assert found["consultation", "closes", date(2022, 11, 11)].instant.due_at == london(2022, 11, 11, 17)
    async with db.read() as conn:
        [first, *_] = await due_store.ready(conn, london(2023, 3, 29, 9, 59), 100)
        assert (await due_store.row(conn, first.id)).milestone_key != "publication"


async def test_the_same_hours_move_nothing(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    before = await rows(db, due)
    assert await rearm_all(db, rules=RULES, now=IN_CONSULTATION) == 0
    assert await rows(db, due) == before


async def test_rearming_does_not_raise_what_is_over(db: Database) -> None:
    late = consultation(date(2022, 10, 14), date(2022, 11, 11))
    await read(db, snapshot(late), now=IN_CONSULTATION)
    await rearm_all(db, rules=replace(RULES, announce_at=time(10)), now=IN_CONSULTATION)
    found = await dues(db)
    assert found[OPENS].state is DueState.HISTORY
    assert found["consultation", "closes", date(2022, 11, 11)].state is DueState.PENDING


async def test_a_page_without_any_schedule_takes_no_date_back(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    cut = replace(IP1783, milestones=())
    origin = Origin(key="pages", actor="import", by_body=True, page_read_at=BEGIN)
    intake = Intake(rules=RULES, settle=timedelta(minutes=30))
    previewed, _ = await preview(db, [cut], origin, today=BEGIN.date())
    done = await take_in(db, [cut], origin, intake=intake, now=BEGIN)
    for came_to in (previewed, done):
        assert came_to.taken == ()
        assert "expected a Provisional Schedule" in str(came_to.problems[0])
    assert await count(db, revision) == 0
