"""A relay that takes nothing for a day while mail is queued: nothing is lost, and asking stays cheap.

Moved clocks: machine time is handed to claims, so that a day of refusals takes a moment.
"""

import asyncio
import os
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from notifier.db import Database, Rank
from notifier.delivery import backlog, outbox
from notifier.delivery.model import Claimed, Lane, Letter, Outcome, ServerFault, Verdict
from notifier.delivery.owners import Lease
from notifier.delivery.retry import next_attempt
from tests.delivery.queue_cast import (
    LONG_AGO,
    NOW,
    PostOffice,
    Sending,
    claim,
    letter_of,
    queue,
    register,
    states,
    stored,
    until,
)
from tests.planning import plans

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
CROWD = 20_000
MOST_GROWTH_BYTES = 20 << 20

_CROWD_IN_BACKOFF = """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count)
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    SELECT 0, (SELECT min(id) FROM subscriber), n + 100, 1 + n % 3, 'pending', 3, 0, :later FROM n
"""


async def _refuse_all(db: Database, lease: Lease, *, machine_now: datetime) -> list[Claimed]:
    """Claim whatever is ready, and note that the relay refused each for now."""
    claimed = await claim(db, lease, limit=1000, machine_now=machine_now)
    async with db.write(Rank.OUTCOMES) as conn:
        for one in claimed:
            wait = next_attempt(one.attempts + 1, verdict=Verdict.RETRY, jitter=0.5, doubtful=0)
            assert wait is not None, "given up within a day"
            assert await outbox.retry(
                conn,
                letter_of(one),
                owner_id=lease.owner_id,
                next_at=machine_now + wait,
                doubtful=False,
                code=451,
                reply="4.3.0 Try again later",
                now=NOW,
            )
    return claimed


async def test_after_a_day_of_refusals_everything_is_there_and_goes_by_urgency_then_by_age(
    db: Database,
) -> None:
    await queue(db, *(f"early-{n}" for n in range(6)), next_at=NOW)
    await queue(db, *(f"late-{n}" for n in range(6)), next_at=NOW + 30 * MINUTE)
    urgent = await queue(
        db, *(f"urgent-{n}" for n in range(4)), lane=Lane.CLOSING_SOON, next_at=NOW + 60 * MINUTE, part=1
    )
    lease = await register(db)
    now, tries = NOW, Counter[int]()
    while now < NOW + DAY:
        tries.update(one.delivery_id for one in await _refuse_all(db, lease, machine_now=now))
        now += 10 * MINUTE
    assert set(await states(db)) == {"pending"}
    assert len(await stored(db)) == 16
    assert max(tries.values()) <= 10  # an outage of a day costs the server little

    back = now + DAY
    first = await claim(db, lease, limit=5, machine_now=back)
    others = await claim(db, lease, limit=100, machine_now=back)
    assert {one.delivery_id for one in first[:4]} == set(urgent)
    waited = {row["id"]: row["next_at"] for row in await stored(db)}
    assert waited[first[4].delivery_id] <= min(waited[one.delivery_id] for one in others)
    assert len(first) + len(others) == 16


async def test_what_can_be_claimed_is_claimed_the_oldest_first_piece_by_piece(db: Database) -> None:
    for hours in (3, 1, 2):
        await queue(db, *(f"{hours}-{n}" for n in range(3)), next_at=NOW - timedelta(hours=hours))
    lease = await register(db)
    pieces = [await claim(db, lease, limit=2, machine_now=NOW) for _ in range(5)]
    waited = {row["id"]: row["next_at"] for row in await stored(db)}
    oldest = [min(waited[one.delivery_id] for one in piece) for piece in pieces]
    newest = [max(waited[one.delivery_id] for one in piece) for piece in pieces]
    assert all(newest[n] <= oldest[n + 1] for n, _ in pairwise(range(5)))


async def test_asking_what_is_ready_reads_no_row_of_those_in_backoff(sqlite_db: Database) -> None:
    await queue(sqlite_db, "Ada")
    later = {"count": CROWD, "later": "2026-11-02 20:00:00.000000"}
    async with sqlite_db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text(_CROWD_IN_BACKOFF), later)
    lease = await register(sqlite_db)
    async with plans(sqlite_db, "UPDATE", "SELECT") as found:
        assert len(await claim(sqlite_db, lease)) == 1
        async with sqlite_db.read() as conn:
            assert await outbox.next_ready(conn) is not None
            assert await backlog.put_off(conn, NOW)
            await backlog.ready_since(conn, NOW)
    of_deliveries = [plan for plan in found if "delivery" in plan]
    assert len(of_deliveries) >= 4
    for plan in of_deliveries:
        assert "ix_delivery_ready (lane=?" in plan or "ix_delivery_owner" in plan
        assert "SCAN delivery" not in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("attempts", [0, 3])
async def test_only_what_was_refused_and_waits_is_put_off(db: Database, attempts: int) -> None:
    [ready, waits] = [
        (await queue(db, name, next_at=at))[0] for name, at in (("Ada", LONG_AGO), ("Ben", NOW + DAY))
    ]
    async with db.write(Rank.HOUSEKEEPING) as conn:
        row = {"of": waits, "attempts": attempts}
        await conn.execute(text("UPDATE delivery SET attempts = :attempts WHERE id = :of"), row)
    async with db.read() as conn:
        assert await backlog.put_off(conn, NOW) is (attempts > 0)
        assert not await backlog.put_off(conn, NOW + 2 * DAY)
    assert ready != waits


class ClosedOffice(PostOffice):
    """A relay that takes nothing until its doors open."""

    shut = True

    async def send(self, letter: Letter) -> Outcome:
        """Refuse, or take."""
        if self.shut:
            raise ServerFault("at connecting: 554 No service here", retry_after=0.02)
        return await super().send(letter)


async def test_however_many_wait_for_a_relay_that_takes_nothing_no_memory_does(sqlite_db: Database) -> None:
    await queue(sqlite_db, "Ada")
    ready = {"count": 5 * CROWD, "later": "2026-11-02 08:00:00.000000"}
    async with sqlite_db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text(_CROWD_IN_BACKOFF), ready)
    office = ClosedOffice()
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: sending.deliverer.fault is not None)
        await asyncio.sleep(0.5)
        before = _resident_bytes()
        for _ in range(150):
            sending.deliverer.ring()
            await asyncio.sleep(0.02)
        assert _resident_bytes() - before < MOST_GROWTH_BYTES
    assert office.begun == []
    async with sqlite_db.read() as conn:
        assert await outbox.waiting(conn) == 5 * CROWD + 1


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


async def test_once_the_relay_is_back_sending_goes_on_by_itself_the_urgent_first(sqlite_db: Database) -> None:
    plain = await queue(sqlite_db, *(f"plain-{n}" for n in range(60)))
    urgent = await queue(sqlite_db, *(f"urgent-{n}" for n in range(20)), lane=Lane.CLOSING_SOON, part=1)
    office = ClosedOffice()
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: sending.deliverer.fault is not None)
        assert office.begun == []
        office.shut = False
        await until(lambda: len(office.begun) == 80, seconds=30)
    assert set(office.begun[:20]) == set(urgent)
    assert office.begun[20:] == plain
    assert set(await states(sqlite_db)) == {"accepted"}
