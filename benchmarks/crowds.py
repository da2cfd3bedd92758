"""Large databases for the benchmarks, filled by bulk SQL: a schedule of so many dates, a crowd of readers.

Instants are written as the service writes them on SQLite. What it derives from dates (due instants) is what
the service itself would derive, so that nothing in such a database asks to be put right.
"""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from notifier import schema
from notifier.db import Database, sqlite_url
from notifier.events.interest import Preset, kinds_of
from notifier.procedures.due import Rules
from notifier.settings import Times

_TIMES = Times()
RULES = Rules(
    zone=_TIMES.tz,
    announce_at=_TIMES.announce_at,
    closes_at=_TIMES.closes_at,
    holidays=_TIMES.public_holidays,
)
BEGIN = datetime(2022, 9, 1, 12, tzinfo=UTC)
"""When everything was entered, and everybody asked."""

CROWDED = date(2022, 10, 14)
"""The day on which so many dates come at once."""

STEPS = 4
"""Dates of one procedure: two that were announced, the crowded day or a later one, and one after it."""

_FIRST_PAST, _FIRST_LATER = date(2020, 1, 1), date(2022, 10, 17)
_DAYS = 900

_PROCEDURES = """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count)
    INSERT INTO procedure (id, slug, revision, title, status, process, technology_type, id_number, held,
                           draft, first_seen_at, changed_at)
    SELECT n, 'GID-BENCH' || n, 1, 'Procedure number ' || n, 'in_progress', 'IP', 'Procedure', '' || n, 0,
           0, :begin, :begin
    FROM n
"""
_ALIASES = """
    INSERT INTO procedure_alias (reference_key, reference, procedure_id)
    SELECT lower(slug), slug, id FROM procedure
"""
_MILESTONES = """
    INSERT INTO milestone (procedure_id, key, position, label, kind, starts_on, precision, as_written, state,
                           held, changed_at, dated_at)
    SELECT procedure.id, 'step-' || step, step, 'Committee meeting: ' || step, 'meeting',
           CASE WHEN step < 2 THEN date(:past, ((procedure.id * 2 + step) % :days) || ' days')
                WHEN step = 2 AND procedure.id <= :at_once THEN :crowded
                ELSE date(:later, ((procedure.id * 2 + step) % :days) || ' days') END,
           'day', '', 'planned', 0, :begin, :begin
    FROM procedure, (SELECT 0 AS step UNION SELECT 1 UNION SELECT 2 UNION SELECT 3)
"""
_DUES = """
    INSERT INTO due (milestone_id, edge, local_date, zone, due_at, attempt_after, state)
    SELECT id, 'reached', starts_on, :zone, instant, instant,
           CASE WHEN instant < :begin THEN 'announced' ELSE 'pending' END
    FROM milestone JOIN day ON day = starts_on
"""
_PEOPLE = """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count)
    INSERT INTO subscriber (id, channel, address, address_key, language, state, nonce, created_at)
    SELECT n, 'mail', 'person' || n || '@patients.example', 'person' || n || '@patients.example', 'en',
           'active', 'nonce' || n, :begin
    FROM n
"""
_SUBSCRIPTIONS = """
    INSERT INTO subscription (subscriber_id, topic_id, kinds, rhythm, state, nonce, asked_at, confirm_until,
                              confirmed_at, since_seq)
    SELECT id, :topic, :kinds, CASE WHEN id % :one_in = 0 THEN 1 + id / :one_in % 2 ELSE 0 END, 'active',
           nonce, :begin, :begin, :begin, 0
    FROM subscriber WHERE id > :after
"""

_QUEUED = """
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    SELECT :mailing, id, 0, 2, 'pending', 0, 0, :begin FROM subscriber WHERE id > :after
"""


async def empty(path: Path) -> None:
    """Lay down the newest schema in a new file."""
    db = Database(sqlite_url(path))
    await schema.upgrade(db)
    await db.dispose()


async def fill_schedule(path: Path, dates: int, *, at_once: int) -> None:
    """Enter a schedule of so many dates, `at_once` of them on the crowded day."""
    await asyncio.to_thread(_fill_schedule, path, dates, at_once)


async def add_readers(path: Path, procedure_id: int | None, count: int, *, gathering_one_in: int = 0) -> None:
    """Let so many new people follow one procedure, or everything.

    Of each `gathering_one_in` one wants a digest, daily and weekly by turns; 0: nobody does.
    """
    await asyncio.to_thread(_add_readers, path, procedure_id, count, gathering_one_in)


async def queue_mail(path: Path, *, after: int) -> None:
    """Queue a mail at once to everybody whose id is larger than `after`."""
    await asyncio.to_thread(_queue_mail, path, after)


def _fill_schedule(path: Path, dates: int, at_once: int) -> None:
    with closing(_opened(path)) as conn, conn:
        conn.execute("CREATE TEMP TABLE day (day TEXT PRIMARY KEY, instant TEXT)")
        days = [
            CROWDED,
            *(first + timedelta(n) for first in (_FIRST_PAST, _FIRST_LATER) for n in range(_DAYS)),
        ]
        conn.executemany(
            "INSERT INTO day VALUES (?, ?)",
            [(day.isoformat(), written(RULES.announcement(day))) for day in days],
        )
        named = {
            "begin": written(BEGIN),
            "past": _FIRST_PAST.isoformat(),
            "later": _FIRST_LATER.isoformat(),
            "crowded": CROWDED.isoformat(),
            "days": _DAYS,
            "zone": RULES.zone.key,
            "count": max(1, dates // STEPS),
            "at_once": at_once,
        }
        for statement in (_PROCEDURES, _ALIASES, _MILESTONES, _DUES):
            conn.execute(statement, named)


def _add_readers(path: Path, procedure_id: int | None, count: int, gathering_one_in: int) -> None:
    kind, value = ("all", "") if procedure_id is None else ("procedure", str(procedure_id))
    with closing(_opened(path)) as conn, conn:
        conn.execute("INSERT OR IGNORE INTO topic (kind, value) VALUES (?, ?)", (kind, value))
        (topic,) = conn.execute("SELECT id FROM topic WHERE kind = ? AND value = ?", (kind, value)).fetchone()
        (after,) = conn.execute("SELECT coalesce(max(id), 0) FROM subscriber").fetchone()
        people = _PEOPLE.replace("SELECT 1 UNION", f"SELECT {after} + 1 UNION")
        conn.execute(people, {"count": after + count, "begin": written(BEGIN)})
        named = {
            "topic": topic,
            "kinds": kinds_of(Preset.EVERY_STEP),
            "one_in": gathering_one_in or after + count + 1,
            "begin": written(BEGIN),
            "after": after,
        }
        conn.execute(_SUBSCRIPTIONS, named)
        conn.execute("UPDATE topic SET followers = followers + ? WHERE id = ?", (count, topic))


def _queue_mail(path: Path, after: int) -> None:
    with closing(_opened(path)) as conn, conn:
        named = {"begin": written(BEGIN), "after": after}
        mailing = """
            INSERT INTO mailing (slot_key, kind, lane, upto_seq, not_before)
            VALUES ('moment:0', 'moment', 2, 0, :begin) RETURNING id
        """
        (found,) = conn.execute(mailing, named).fetchone()
        conn.execute(_QUEUED, {**named, "mailing": found})


def _opened(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA synchronous = OFF")
    return conn


def written(instant: datetime) -> str:
    """Return an instant as SQLite holds it."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def noon(day: date) -> datetime:
    """Return an instant after everything of a day has come."""
    return RULES.instant(day, time(12))
