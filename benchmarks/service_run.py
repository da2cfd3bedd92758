"""The whole service in a process of its own, through the morning on which many consultations open.

`python -m benchmarks.service_run HOME SMTP_PORT CONNECTIONS APART` moves the openings of one day apart, so
that each has an instant of its own, the crowd's first. It prints one line of JSON when that is done, and one
at its end (SIGTERM): what its log said was announced, and how late the loop was. Instants are `time.time`.
"""

import asyncio
import json
import logging
import resource
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam, select, update

from benchmarks.opening_day import BEFORE, DUE, OPENING
from notifier.app import Notifier
from notifier.cli import garbage
from notifier.cli.stopping import run_until_stopped
from notifier.clock import ReplayClock
from notifier.db import Database, Rank
from notifier.procedures.tables import due, milestone
from notifier.settings import Running
from tests.journeys.house import settings_for, utc

LEAD_SECONDS = 1.0
BEAT_SECONDS = 0.005


class _Announced(logging.Handler):
    """Keeps when each due instant was announced: the service logs it right after its commit."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "announced":
            self.at[str(vars(record)["due_at"])] = record.created


async def serve(home: Path, smtp_port: int, connections: int, apart: float, stop: asyncio.Event) -> None:
    """Serve until SIGTERM."""
    settings = settings_for(home, web_port=0, smtp_port=smtp_port)
    mail = settings.mail.model_copy(update={"connections": connections})
    settings = settings.model_copy(update={"mail": mail, "running": Running()})
    garbage.search_seldom()  # as `serve` does
    announced = _Announced()
    logging.getLogger("notifier").addHandler(announced)
    logging.getLogger("notifier").setLevel(logging.INFO)
    clock = ReplayClock(utc(BEFORE))
    notifier = Notifier(settings, clock=clock)
    await notifier.start()
    instants = await _move_apart(notifier.db, apart)
    clock.leap(utc(DUE) - timedelta(seconds=LEAD_SECONDS))
    offset = time.time() - clock.now().timestamp()
    notifier.watch.ring()  # the alarm is set anew after the leap
    print(
        json.dumps({"port": notifier.port, "due": [one.timestamp() + offset for one in instants]}), flush=True
    )
    late: list[tuple[float, float]] = []
    beating = asyncio.create_task(_beat(late))
    await notifier.run(stop)
    beating.cancel()
    at = [announced.at.get(one.isoformat()) for one in instants]
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"announced": at, "late": late, "cpu": used.ru_utime + used.ru_stime}), flush=True)
    sys.stdin.read()  # until its memory was read


async def _move_apart(db: Database, apart: float) -> list[datetime]:
    """Give each opening an instant of its own, in the order of the procedures. Return them."""
    query = (
        select(due.c.id, due.c.due_at)
        .join(milestone, milestone.c.id == due.c.milestone_id)
        .where(due.c.edge == "opens", due.c.local_date == OPENING)
        .order_by(milestone.c.procedure_id)
    )
    async with db.write(Rank.HOUSEKEEPING) as conn:
        found = (await conn.execute(query)).all()
        instants = [row.due_at + timedelta(seconds=n * apart) for n, row in enumerate(found)]
        rows = [{"of": row.id, "at": at} for row, at in zip(found, instants, strict=True)]
        moved = update(due).where(due.c.id == bindparam("of"))
        await conn.execute(moved.values(due_at=bindparam("at"), attempt_after=bindparam("at")), rows)
    return instants


async def _beat(late: list[tuple[float, float]]) -> None:
    """Note again and again how much later than asked for the loop comes back."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_SECONDS)
        late.append((time.time(), time.perf_counter() - began - BEAT_SECONDS))


def main() -> None:
    """Serve what the command line names."""
    home, smtp_port, connections, apart = sys.argv[1:]
    run_until_stopped(lambda stop: serve(Path(home), int(smtp_port), int(connections), float(apart), stop))


if __name__ == "__main__":
    main()
