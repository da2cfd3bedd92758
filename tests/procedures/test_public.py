"""What the public may see, read from both databases: no drafts, and validators that notice every change."""

from datetime import UTC, date, datetime, timedelta

from notifier.db import Database, Rank
from notifier.events.public import of_everything, of_procedure
from notifier.procedures import due_store, next_due, public, store, writing
from notifier.procedures.due import Arming, DueInstant, DueState, Edge, NewDue
from notifier.procedures.model import (
    Coverage,
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    Precision,
    Procedure,
    Snapshot,
    Status,
)
from notifier.procedures.revise import revise

FIRST = datetime(2022, 9, 1, 8, tzinfo=UTC)
LATER = FIRST + timedelta(days=3)
DUE = datetime(2022, 10, 14, 8, tzinfo=UTC)


def snapshot(reference: str, *, draft: bool = False, title: str = "A title", day: int = 8) -> Snapshot:
    return Snapshot(
        reference=reference,
        facts=Facts(title=title, status=Status.IN_PROGRESS),
        milestones=tuple(
            Milestone(
                key=key,
                label=key,
                kind=MilestoneKind.MEETING,
                dates=Dates(start=date(2022, 10, start), precision=Precision.DAY),
            )
            for key, start in (("first", day), ("second", 20))
        ),
        draft=draft,
    )


NOWHERE = writing.Provenance(source_key=None, covers=Coverage.WHOLE, read_at=None, as_of=None)


async def add(db: Database, found: Snapshot, now: datetime = FIRST) -> int:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        new = writing.NewProcedure(
            reference=found.reference,
            revised=revise(None, found, today=now.date()),
            draft=bool(found.draft),
            provenance=NOWHERE,
        )
        (procedure_id,) = await writing.add_all(conn, [new], now=now)
        return procedure_id


async def change(db: Database, found: Snapshot, now: datetime = LATER) -> None:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        stored = await store.find(conn, found.reference)
        assert isinstance(stored, Procedure)
        await writing.apply(
            conn,
            stored,
            revise(stored, found, today=now.date()),
            draft=bool(found.draft),
            provenance=NOWHERE,
            now=now,
            actor="test",
        )


async def due_at(db: Database, procedure_id: int, at: datetime, *, put_off: datetime | None = None) -> None:
    instant = DueInstant(edge=Edge.REACHED, local_date=at.date(), zone="Europe/London", due_at=at)
    new = NewDue(milestone_key="first", instant=instant, state=DueState.PENDING)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        keys = await store.milestone_ids(conn, procedure_id)
        await due_store.apply(conn, [(Arming(new=(new,), updates=()), keys)])
        if put_off is not None:
            (row,) = await due_store.ready(conn, at, 9)
            await due_store.push(conn, [row.id], put_off)


async def test_a_procedure_is_found_in_any_case_unless_it_is_a_draft(db: Database) -> None:
    seen = await add(db, snapshot("GID-1"))
    await add(db, snapshot("GID-2", draft=True))
    async with db.read() as conn:
        found = await public.find(conn, "gid-1")
        assert found == public.Listed(
            id=seen, slug="GID-1", revision=1, first_seen_at=FIRST, changed_at=FIRST
        )
        assert await public.find(conn, "GID-2") is None
        assert await public.find(conn, "GID-3") is None
        assert await public.every(conn) == [found]


async def test_every_new_procedure_every_change_and_every_hiding_is_noticed(db: Database) -> None:
    states = []

    async def look() -> None:
        async with db.read() as conn:
            states.append((await of_everything(conn)).revision)

    await look()
    await add(db, snapshot("GID-1"))
    await look()
    await add(db, snapshot("GID-2", draft=True))
    await look()
    await change(db, snapshot("GID-1", day=9))
    await look()
    await change(db, snapshot("GID-1", day=9, draft=True))
    await look()
    await change(db, snapshot("GID-2"))
    await look()
    assert states == sorted(set(states))


async def test_the_listing_knows_when_it_began_and_when_it_last_changed(db: Database) -> None:
    async with db.read() as conn:
        state = await of_everything(conn)
        assert (state.since, state.revision, state.seq) == (None, 0, 0)
    await add(db, snapshot("GID-1"))
    await add(db, snapshot("GID-2"), now=FIRST + timedelta(days=1))
    await change(db, snapshot("GID-1", day=9))
    async with db.read() as conn:
        state = await of_everything(conn)
        assert state.since == FIRST
        one = await of_procedure(conn, "gid-2")
        assert one is not None
        assert (one.since, one.revision) == (FIRST, 1)
        assert await of_procedure(conn, "GID-3") is None


async def test_a_date_is_stamped_by_its_own_change_and_all_by_a_new_title(db: Database) -> None:
    found = await add(db, snapshot("GID-1"))
    await change(db, snapshot("GID-1", day=9))
    async with db.read() as conn:
        assert (await public.stamps(conn, [found]))[found] == {"first": LATER, "second": FIRST}
    renamed = LATER + timedelta(days=1)
    await change(db, snapshot("GID-1", day=9, title="Another title"), now=renamed)
    async with db.read() as conn:
        assert (await public.stamps(conn, [found]))[found] == {"first": renamed, "second": renamed}
        assert await public.stamps(conn, []) == {}


async def test_what_speaks_next_is_told_with_everything_that_speaks_then(db: Database) -> None:
    one, two, three = [await add(db, snapshot(f"GID-{n}")) for n in (1, 2, 3)]
    await due_at(db, one, DUE)
    await due_at(db, two, DUE)
    await due_at(db, three, DUE + timedelta(days=1))
    async with db.read() as conn:
        found = await next_due.after(conn, FIRST)
        assert found is not None
        assert (found.at, [p.slug for p in found.procedures]) == (DUE, ["GID-1", "GID-2"])
        later = await next_due.after(conn, DUE)
        assert later is not None
        assert [p.slug for p in later.procedures] == ["GID-3"]
        assert await next_due.after(conn, DUE + timedelta(days=1)) is None


async def test_what_is_late_and_put_off_is_not_to_come(db: Database) -> None:
    found = await add(db, snapshot("GID-1"))
    await due_at(db, found, DUE, put_off=DUE + timedelta(hours=1))
    async with db.read() as conn:
        assert await next_due.after(conn, DUE + timedelta(minutes=10)) is None
