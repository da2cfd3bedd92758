"""A queue of mail to Ada, Ben and others, and the post office that takes it: real rows, a scripted end."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import Clock, SystemClock
from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from notifier.delivery.allowance import Allowance
from notifier.delivery.deliver import Deliverer
from notifier.delivery.model import Bound, Claimed, Lane, Letter, Outcome, Transport, Unwritten, Verdict
from notifier.delivery.owners import Lease
from notifier.delivery.tables import delivery, owner
from notifier.delivery.tally import DeliveryTally
from notifier.delivery.wire import data_of
from notifier.subscriptions import store as subscriptions
from tests.letter_by_letter import LetterByLetter

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def queue(
    db: Database, *names: str, lane: Lane = Lane.AT_ONCE, next_at: datetime = LONG_AGO, part: int = 0
) -> list[int]:
    """Queue one mail to each of these people. Return the ids of the deliveries."""
    found: list[int] = []
    async with db.write(Rank.EXPAND) as conn:
        for name in names:
            address = f"{name.lower()}@example.org"
            who = await subscriptions.subscriber_id(conn, address=address, address_key=address, now=NOW)
            values = {"mailing_id": 0, "subscriber_id": who, "lane": lane, "next_at": next_at}
            new = insert(delivery).values(part=part, **values).returning(delivery.c.id)
            found.append((await conn.execute(new)).scalar_one())
    return found


async def crowd(db: Database, count: int) -> list[int]:
    """Queue mail to so many people."""
    return await queue(db, *(f"reader-{number}" for number in range(count)))


async def register(db: Database, *, host: str = "here", machine_now: datetime = NOW) -> Lease:
    async with db.write(Rank.OUTCOMES) as conn:
        return await owners.register(conn, host=host, machine_now=machine_now)


async def expire(db: Database, lease: Lease) -> None:
    """Let a lease have run out, and its owner know nothing of it, as after a long freeze."""
    async with db.write(Rank.OUTCOMES) as conn:
        gone = update(owner).where(owner.c.id == lease.owner_id)
        await conn.execute(gone.values(expires_at=LONG_AGO))


async def claim(
    db: Database, lease: Lease, *, limit: int = 100, machine_now: datetime = NOW
) -> list[Claimed]:
    async with db.write(Rank.OUTCOMES) as conn:
        return list(await outbox.claim(conn, owner_id=lease.owner_id, limit=limit, machine_now=machine_now))


def letter_of(one: Claimed) -> Letter:
    return Letter(
        delivery_id=one.delivery_id,
        subscriber_id=one.subscriber_id,
        attempts=one.attempts,
        doubtful=one.doubtful,
        sender="alerts@alerts.example.org",
        recipient=f"{one.subscriber_id}@example.org",
        parts=(data_of(b"Subject: Test\r\n\r\nHello\r\n"),),
    )


async def stored(db: Database) -> Sequence[RowMapping]:
    """Return every delivery, by id."""
    async with db.read() as conn:
        return (await conn.execute(select(delivery).order_by(delivery.c.id))).mappings().all()


async def states(db: Database) -> list[str]:
    return [row["state"] for row in await stored(db)]


async def until(met: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Wait until something is so; fail if it never is."""
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


async def until_states(db: Database, *wanted: str, seconds: float = 10.0) -> None:
    """Wait until the deliveries are in these states, in order."""
    async with asyncio.timeout(seconds):
        while await states(db) != list(wanted):  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.01)


def accepted(letter: Letter) -> Outcome:
    return Outcome(letter=letter, verdict=Verdict.ACCEPTED, code=250, reply="2.0.0 Ok: queued")


def refused(letter: Letter, verdict: Verdict = Verdict.BAD_ADDRESS) -> Outcome:
    return Outcome(letter=letter, verdict=verdict, code=550, reply="5.1.1 no such user")


class PostOffice(LetterByLetter):
    """The far end: answers by `answer`, and keeps letters under way while `open` is not set."""

    def __init__(self, answer: Callable[[Letter], Outcome] = accepted, *, connections: int = 2) -> None:
        super().__init__()
        self.answer = answer
        self.capacity = connections
        self.open = asyncio.Event()
        self.open.set()
        self.begun: list[int] = []

    async def send(self, letter: Letter) -> Outcome:
        self.begun.append(letter.delivery_id)
        await self.open.wait()
        await asyncio.sleep(0)
        return self.answer(letter)


class Sending:
    """A sender at work: everything that is queued is bound as it is, until the block ends."""

    def __init__(
        self,
        db: Database,
        office: Transport,
        *,
        uncommitted: int = 500,
        clock: Clock | None = None,
        **limits: int,
    ) -> None:
        self.ended: list[int] = []
        self.deliverer = Deliverer(
            db,
            office,
            bind=self._bind,
            end_address=self._end_address,
            clock=clock or SystemClock(),
            uncommitted=uncommitted,
            allowance=Allowance(zone=ZoneInfo("Europe/London"), **limits),
            tally=DeliveryTally(),
        )

    async def __aenter__(self) -> "Sending":
        self._task = asyncio.create_task(self.deliverer.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.deliverer.stop()
        await asyncio.wait_for(self._task, 10)

    async def _bind(self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        letters = Unwritten(
            delivery_ids=[one.delivery_id for one in claimed],
            write=lambda places: [self._letter(letter_of(claimed[place])) for place in places],
        )
        return Bound(letters=[letters], cancelled=[])

    def _letter(self, letter: Letter) -> Letter:
        return letter

    async def _end_address(self, conn: AsyncConnection, subscriber_id: int, now: datetime) -> None:
        self.ended.append(subscriber_id)
