"""Claimed rows → bytes for the socket → recorded outcomes: CPU a mail of each step, without any network."""

import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import URL, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.table import Row
from notifier import schema, sequence
from notifier.cli import garbage
from notifier.clock import machine_now
from notifier.db import Database, Rank, sqlite_url
from notifier.delivery import outbox, owners
from notifier.delivery.allowance import Allowance
from notifier.delivery.claiming import claim_letters
from notifier.events.catalogues import Languages
from notifier.events.interest import Preset, kinds_of
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscriber, subscription
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.cast import BEGIN, RULES, binder, consultation, fan_out, london, meeting, read, snapshot, sweep
from tests.events.pseudo_language import PSEUDO, pseudo_languages

LIMIT = 500
OPENING = date(2022, 10, 14)
NOW = london(2022, 10, 14)
ALLOWANCE = Allowance(zone=RULES.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What one person follows: topics, and for all of them kinds, rhythm and language."""

    topics: Sequence[Topic]
    kinds: int = kinds_of(Preset.EVERY_STEP)
    rhythm: Rhythm = Rhythm.AT_ONCE
    language: str = "en"


Follow = Callable[[Sequence[Topic], random.Random], Following]


class WatchedDatabase(Database):
    """A database that notes how much of the processor its writing turns take, and how long each is."""

    cpu = 0.0

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.turns: list[float] = []

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open one transaction."""
        async with super().write(rank, one_state=one_state) as conn:
            began, cpu = time.perf_counter(), time.process_time()
            yield conn
            self.cpu += time.process_time() - cpu
            self.turns.append(time.perf_counter() - began)


async def measure() -> list[Row]:
    """Claim, bind, compose and record mailings of the easy kind, of mixed people, and digests that differ."""
    with tempfile.TemporaryDirectory() as name:
        languages = pseudo_languages(Path(name))
    return [
        await _mailing("one alert, one language", 20_000, 1, _easy, languages),
        await _mailing("two events, mixed people", 20_000, 2, _mixed, languages),
        await _mailing("digests, none like another", 2_000, 300, _digest, languages),
    ]


def _easy(topics: Sequence[Topic], _: random.Random) -> Following:
    return Following(topics=topics[:1])


def _mixed(topics: Sequence[Topic], chance: random.Random) -> Following:
    """Return somebody who follows one thing or several that match, in this way or that."""
    wide = (EVERYTHING, Topic(kind=TopicKind.PROCESS, value="ip"))
    return Following(
        topics=chance.choice([topics[:1], topics, (*topics, *wide), wide]),
        kinds=kinds_of(chance.choice([Preset.EVERY_STEP, Preset.OPENINGS])),
        rhythm=chance.choice([Rhythm.AT_ONCE, Rhythm.AT_ONCE, Rhythm.AT_ONCE, Rhythm.DAILY]),
        language=chance.choice(["en", "en", PSEUDO]),
    )


def _digest(topics: Sequence[Topic], chance: random.Random) -> Following:
    return Following(topics=chance.sample(topics, chance.randint(3, 12)), rhythm=Rhythm.DAILY)


async def _mailing(name: str, people: int, procedures: int, follow: Follow, languages: Languages) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        db = WatchedDatabase(sqlite_url(Path(folder) / "notifier.db"))
        await schema.upgrade(db)
        topics = await _procedures(db, procedures)
        await _people(db, [follow(topics, random.Random(number)) for number in range(people)])  # noqa: S311
        await sweep(db, NOW)
        await fan_out(db, NOW)
        found = await _time(db, languages)
        await db.dispose()
    return {"what": name, **found}


async def _procedures(db: Database, count: int) -> list[Topic]:
    """Take in so many procedures, every other of which opens for comment on the day while the rest meet."""
    found: list[Topic] = []
    for number in range(count):
        opens = consultation(OPENING, OPENING + timedelta(days=28))
        step = meeting("ipac-1", OPENING) if number % 2 else opens
        taken = await read(db, snapshot(step, number=1000 + number), now=BEGIN)
        found.append(procedure_topic(taken.procedure_id))
    return found


async def _people(db: Database, people: Sequence[Following]) -> None:
    """Write down people who confirmed long ago, each on a day of their own."""
    async with db.write(Rank.HOUSEKEEPING) as conn:
        ids = {
            one: await subscriptions.topic_id(conn, one)
            for one in {topic for each in people for topic in each.topics}
        }
        since = await sequence.last(conn)
        await conn.execute(insert(subscriber), [_person(n, one) for n, one in enumerate(people, 1)])
        await conn.execute(
            insert(subscription),
            [_asked(n, one, ids[topic], since) for n, one in enumerate(people, 1) for topic in one.topics],
        )


def _person(number: int, one: Following) -> dict[str, object]:
    address = f"somebody-{number}@patients-{number % 50}.example"
    return {
        "id": number,
        "address": address,
        "address_key": address,
        "language": one.language,
        "state": "active",
        "nonce": f"{number:024x}",
        "created_at": BEGIN,
    }


def _asked(number: int, one: Following, topic_id: int, since: int) -> dict[str, object]:
    asked_at = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 17 % 300_000)
    return {
        "subscriber_id": number,
        "topic_id": topic_id,
        "kinds": one.kinds,
        "rhythm": one.rhythm,
        "state": "active",
        "nonce": f"{number:024x}",
        "asked_at": asked_at,
        "confirm_until": asked_at,
        "confirmed_at": asked_at,
        "since_seq": since,
    }


async def _time(db: WatchedDatabase, languages: Languages) -> Mapping[str, float | int]:
    bind = binder(languages)
    async with db.write(Rank.OUTCOMES) as conn:
        lease = await owners.register(conn, host="here", machine_now=machine_now())
    garbage.search_seldom()  # as `serve` does
    mails = size = 0
    claiming = recording = db.cpu = 0.0
    turns: list[float] = []
    while True:
        began = time.process_time()
        db.turns.clear()
        claim = await claim_letters(db, bind, lease, limit=LIMIT, now=NOW, allowance=ALLOWANCE)
        size += sum(len(one.data) for one in claim.letters)  # a letter's bytes are joined as it is written
        claiming += time.process_time() - began
        if not claim.letters:
            break
        claimed = db.cpu
        turns += db.turns[:1]
        began = time.process_time()
        async with db.write(Rank.OUTCOMES) as conn:
            outcomes = [(one.delivery_id, 250, f"2.0.0 Ok: {one.delivery_id}") for one in claim.letters]
            await outbox.accept(conn, outcomes, owner_id=lease.owner_id, now=NOW)
        recording += time.process_time() - began
        db.cpu = claimed
        mails += len(claim.letters)
    return {
        "mails": mails,
        "KB a mail": size / mails / 1e3,
        "claim+bind µs": db.cpu / mails * 1e6,
        "compose µs": (claiming - db.cpu) / mails * 1e6,
        "record µs": recording / mails * 1e6,
        "CPU µs a mail": (claiming + recording) / mails * 1e6,
        "mails/s of CPU": mails / (claiming + recording),
        "median turn ms": median(turns) * 1e3,
    }
