"""Due instant → last mail accepted: the whole path on SQLite, into a real SMTP server in another process."""

import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.table import Row
from notifier.db import Rank
from notifier.delivery import outbox
from notifier.events.interest import Preset, kinds_of
from notifier.procedures import store as procedures
from notifier.subscriptions import course, store
from notifier.subscriptions.topics import procedure_topic
from tests.journeys.house import IP1783, House, open_house, ship_ip1783, utc

SIZES = (100, 1_000, 5_000)
DUE = utc("2022-10-14T08:00")


async def measure() -> list[Row]:
    """Tell so many people of one opening; the sink is aiosmtpd, so it bounds the rate."""
    return [await _tell(size) for size in SIZES]


async def _tell(size: int) -> Row:
    sink = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sink", stdout=asyncio.subprocess.PIPE
    )
    assert sink.stdout is not None
    port = int(await sink.stdout.readline())
    try:
        with tempfile.TemporaryDirectory() as name:
            ship_ip1783(Path(name))
            async with open_house(Path(name), "2022-10-01T09:00", smtp_port=port) as house:
                return await _time(house, size)
    finally:
        sink.terminate()
        await sink.wait()


async def _time(house: House, size: int) -> Row:
    await _follow(house, size)
    house.clock.leap(DUE - timedelta(seconds=0.2))
    house.notifier.watch.ring()
    await asyncio.sleep(max(0.0, house.clock.seconds_until(DUE)))
    began, cpu = time.perf_counter(), time.process_time()
    queued = None
    while True:
        async with house.notifier.db.read() as conn:
            waiting = await outbox.waiting(conn)
        if waiting and queued is None:
            queued = time.perf_counter() - began
        if queued is not None and waiting == 0:
            break
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - began
    return {
        "people": size,
        "seconds": f"{seconds:.2f}",
        "mails/s": size / seconds,
        "CPU µs a mail": (time.process_time() - cpu) / size * 1e6,
    }


async def _follow(house: House, size: int) -> None:
    now = house.clock.now()
    async with house.notifier.db.write(Rank.HOUSEKEEPING) as conn:
        found = await procedures.find(conn, IP1783)
        assert found is not None
        topic = await store.topic_id(conn, procedure_topic(found.id))
        for n in range(size):
            address = f"person{n}@patients.example"
            person = await store.subscriber_id(conn, address=address, address_key=address, now=now)
            asked = await course.ask(
                conn,
                subscriber_id=person,
                topic_id=topic,
                kinds=kinds_of(Preset.DEADLINES),
                now=now,
                confirm_until=now,
            )
            subscription = await store.get(conn, asked)
            assert subscription is not None
            await course.activate(conn, subscription, since_seq=0, wording="benchmark", now=now)
