"""A database in which mail waits to be sent: read, announced and expanded by the service's own code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import update

from benchmarks.readers import Reader, add_readers, alike
from notifier import schema
from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Letter
from notifier.delivery.tables import delivery
from notifier.events.catalogues import Languages
from notifier.instance import load_secret
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    claim_letters,
    consultation,
    fan_out,
    london,
    meeting,
    publication,
    read,
    snapshot,
    stored,
    sweep,
)
from tests.events.pseudo_language import PSEUDO, pseudo_languages

OPENING = date(2022, 10, 17)
"""A Monday, so that the daily and the weekly digest go out with the alerts."""

NUMBERS = (1783, 1842, 1217)
"""Of the procedures that open together; everybody of the plain queue follows the first alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits: how many deliveries, when (calendar time) they may be sent, and a letter as it will be."""

    mails: int
    at: datetime
    sample: Letter


async def queue_alerts(home: Path, db: Database, people: int) -> Queue:
    """Queue one alert of one opening to everybody."""
    return await _queue(home, db, people, numbers=NUMBERS[:1], mixed=False)


async def queue_mixed(home: Path, db: Database, people: int) -> Queue:
    """Queue a moment of three openings, to people of mixed rhythms, followings and languages."""
    return await _queue(home, db, people, numbers=NUMBERS, mixed=True)


async def _queue(home: Path, db: Database, people: int, *, numbers: Sequence[int], mixed: bool) -> Queue:
    load_secret(home / "notifier.db")
    (home / "languages").mkdir()
    languages = pseudo_languages(home / "languages")
    await schema.upgrade(db)
    ids = [await _open_procedure(db, number) for number in numbers]
    if mixed:
        await add_readers(db, people, now=BEGIN, reader=lambda number: _mixed(number, ids))
    else:
        await add_readers(db, people, now=BEGIN, reader=alike)
    at = london(OPENING.year, OPENING.month, OPENING.day)
    await sweep(db, at)
    mails = await fan_out(db, at)
    return Queue(mails=mails, at=at, sample=await _sample(db, at, languages))


async def _sample(db: Database, at: datetime, languages: Languages) -> Letter:
    """Return a letter of the queue, which is left as it was."""
    (letter, *_) = await claim_letters(db, at, languages=languages)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(update(delivery).values(state=DeliveryState.PENDING, owner_id=None))
    return letter


async def _open_procedure(db: Database, number: int) -> int:
    found = snapshot(
        meeting("ipac-1", date(2022, 9, 8)),
        consultation(OPENING, date(2022, 11, 14)),
        meeting("ipac-2", date(2023, 1, 12)),
        publication(date(2023, 3, 29)),
        number=number,
    )
    title = f"{found.facts.title} (part {number})"
    found = replace(found, facts=replace(found.facts, title=title))
    await read(db, found, now=BEGIN)
    return (await stored(db, found)).id


def _mixed(number: int, procedure_ids: Sequence[int]) -> Reader:
    """Return a reader: 7 of 10 at once, 2 daily, 1 weekly; half follow everything; half read English."""
    rhythm = Rhythm.WEEKLY if number % 10 == 9 else Rhythm.DAILY if number % 10 >= 7 else Rhythm.AT_ONCE
    chosen = [id_ for place, id_ in enumerate(procedure_ids) if (1 + number // 20 % 7) >> place & 1]
    follows = tuple(procedure_topic(id_) for id_ in chosen) if number // 10 % 2 else (EVERYTHING,)
    language = PSEUDO if number // 5 % 2 else "en"
    return Reader(follows=follows, rhythm=rhythm, language=language)
