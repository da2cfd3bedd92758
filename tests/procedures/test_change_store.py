"""Changes that wait until they have settled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from notifier.db import Database, Rank
from notifier.procedures import change_store
from notifier.procedures.change_store import LISTED, STATUS, Patience, SettledChange
from notifier.procedures.model import Dates, Milestone, MilestoneState, Status
from notifier.procedures.revise import Change, ChangeKind, classify
from notifier.procedures.tables import change
from tests.cast import BEGIN, IP1783, RULES, publication, read, rows

SETTLE = timedelta(minutes=30)
A = publication(date(2023, 3, 29))
B = publication(date(2023, 5, 24))
C = publication(date(2023, 6, 21))
TBC = replace(A, dates=Dates(as_written="TBC"))
GONE = replace(A, state=MilestoneState.WITHDRAWN)


def minutes(count: int) -> datetime:
    return BEGIN + timedelta(minutes=count)


class Waiting:
    """The changes of one procedure, as one reading after the other finds them."""

    def __init__(self, db: Database, procedure_id: int) -> None:
        self._db = db
        self._procedure_id = procedure_id
        self._revision = 1

    async def sees(self, old: Milestone | None, new: Milestone, *, now: datetime) -> None:
        kind = classify(old, new)
        assert kind is not None
        await self.wait(Change(kind=kind, subject=new.key, old=old, new=new), now=now)

    async def wait(self, found: Change, *, now: datetime) -> None:
        self._revision += 1
        async with self._db.write(Rank.HOUSEKEEPING) as conn:
            await change_store.wait(
                conn,
                self._procedure_id,
                found,
                revision=self._revision,
                now=now,
                patience=Patience(settles_at=now + SETTLE),
            )

    async def settled(self, now: datetime) -> Sequence[SettledChange]:
        async with self._db.write(Rank.ANNOUNCE) as conn:
            if self._procedure_id not in await change_store.settled(conn, now, 100):
                return ()
            taken = await change_store.take(conn, [self._procedure_id], now=now, rules=RULES)
            return taken[self._procedure_id]


async def waiting(db: Database) -> Waiting:
    return Waiting(db, (await read(db, IP1783, now=BEGIN)).procedure_id)


async def test_a_change_is_ready_when_it_has_settled_and_not_before(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    assert await ours.settled(minutes(29)) == ()
    [found] = await ours.settled(minutes(30))
    assert found.change == Change(kind=ChangeKind.MOVED, subject="publication", old=A, new=B)
    assert (found.revision, found.seen_at) == (2, minutes(0))


async def test_there_and_back_again_says_nothing(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    await ours.sees(B, A, now=minutes(10))
    assert await ours.settled(minutes(60)) == ()
    assert [one["state"] for one in await rows(db, change)] == ["lapsed"]


async def test_two_steps_are_told_as_one_and_settle_from_the_second(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    await ours.sees(B, C, now=minutes(20))
    assert await ours.settled(minutes(30)) == ()
    [found] = await ours.settled(minutes(50))
    assert (found.change.old, found.change.new, found.revision) == (A, C, 3)


async def test_a_change_after_one_that_lapsed_is_a_fact_of_its_own(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    await ours.sees(B, A, now=minutes(1))
    await ours.sees(A, B, now=minutes(2))
    [found] = await ours.settled(minutes(32))
    assert found.revision == 4


async def test_what_came_and_went_before_it_settled_says_nothing(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(None, A, now=minutes(0))
    await ours.sees(A, GONE, now=minutes(1))
    assert await ours.settled(minutes(60)) == ()


async def test_what_went_and_came_back_before_it_settled_says_nothing(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, GONE, now=minutes(0))
    await ours.sees(GONE, A, now=minutes(1))
    assert await ours.settled(minutes(60)) == ()


async def test_a_date_set_and_then_moved_is_a_date_set(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(TBC, A, now=minutes(0))
    await ours.sees(A, B, now=minutes(1))
    [found] = await ours.settled(minutes(31))
    assert (found.change.kind, found.change.new) == (ChangeKind.DATE_SET, B)


async def test_all_rows_of_a_procedure_wait_for_the_last_of_them(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    status = Change(kind=ChangeKind.STATUS, subject=STATUS, old=Status.IN_PROGRESS, new=Status.SUSPENDED)
    await ours.wait(status, now=minutes(20))
    assert await ours.settled(minutes(30)) == ()
    assert [one.change.kind for one in await ours.settled(minutes(50))] == [
        ChangeKind.MOVED,
        ChangeKind.STATUS,
    ]


async def test_a_status_that_comes_back_says_nothing(db: Database) -> None:
    ours = await waiting(db)
    for old, new in ((Status.IN_PROGRESS, Status.SUSPENDED), (Status.SUSPENDED, Status.IN_PROGRESS)):
        await ours.wait(Change(kind=ChangeKind.STATUS, subject=STATUS, old=old, new=new), now=minutes(0))
    assert await ours.settled(minutes(60)) == ()


async def test_now_listed_here_is_read_back_as_it_was(db: Database) -> None:
    ours = await waiting(db)
    listed = Change(kind=ChangeKind.LISTED, subject=LISTED, old=None, new="GID-IPG1783")
    await ours.wait(listed, now=minutes(0))
    [found] = await ours.settled(minutes(30))
    assert found.change == listed


async def test_what_was_told_is_told_no_more(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    assert len(await ours.settled(minutes(30))) == 1
    async with db.read() as conn:
        assert await change_store.next_settling(conn) is None
    assert await ours.settled(minutes(60)) == ()
    await ours.sees(B, C, now=minutes(60))
    [new] = await ours.settled(minutes(90))
    assert (new.change.old, new.change.new) == (B, C)


async def test_a_pushed_change_asks_again_later(db: Database) -> None:
    ours = await waiting(db)
    await ours.sees(A, B, now=minutes(0))
    async with db.write(Rank.ANNOUNCE) as conn:
        await change_store.push(conn, 1, minutes(90))
        assert await change_store.next_settling(conn) == minutes(90)
    assert await ours.settled(minutes(89)) == ()
    assert len(await ours.settled(minutes(90))) == 1
