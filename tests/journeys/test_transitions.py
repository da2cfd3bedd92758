"""The transitions of real schedules, through the doors of the rooms: taken in, settled, announced, on both
databases. What is watched over HTTP is `test_watched_sources.py`; here only what is read decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from notifier.db import Database
from notifier.events.model import DateChange, Event
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.procedures.model import Dates, Precision
from notifier.sources.intake import Origin
from notifier.sources.sync import take_in
from tests.cast import INTAKE, rows, stored, sweep
from tests.journeys.transition import LIST, OPEN_NOW, PAGE, WHOLE, Reading, Transition
from tests.journeys.transitions import NAMES, SOURCES, STATUSES
from tests.journeys.transitions_of_dates import DATES

LIVING = frozenset((PAGE, LIST, OPEN_NOW))
SETTLED = timedelta(hours=1)


async def take(db: Database, reading: Reading, at: datetime) -> None:
    """Take a reading in as the watch does."""
    origin = Origin(
        key=reading.source,
        actor=f"source {reading.source}",
        page_read_at=reading.read_at or at,
        watched=True,
        fetched=True,
        living=LIVING,
    )
    done = await take_in(db, [reading.says], origin, intake=INTAKE, now=at, silent=False)
    assert done.problems == ()
    await sweep(db, at)


async def see(db: Database, reading: Reading) -> None:
    """Take a reading in, and once more when an hour has settled it."""
    await take(db, reading, reading.at)
    if not reading.once:
        await take(db, reading, reading.at + SETTLED)
        await sweep(db, reading.at + SETTLED)


async def news(db: Database) -> list[Event]:
    """Return every event, oldest first."""
    return [event_of(row) for row in await rows(db, event)]


@pytest.mark.parametrize("transition", [*DATES, *NAMES, *STATUSES, *SOURCES], ids=str)
async def test_a_transition_comes_to_these_events(db: Database, transition: Transition) -> None:
    known = transition.known
    origin = Origin(
        key=known.source, actor="first", page_read_at=known.at, watched=True, fetched=True, living=LIVING
    )
    await take_in(db, [known.says], origin, intake=INTAKE, now=known.at)
    await sweep(db, known.at)
    already = len(await news(db))
    for reading in transition.then:
        await see(db, reading)
    assert [described(one) for one in (await news(db))[already:]] == list(transition.events)
    last = transition.then[-1]
    await see(db, replace(last, at=last.at + timedelta(hours=3)))
    assert len(await news(db)) == already + len(transition.events)


async def test_a_reference_that_changes_at_publication_leads_to_the_same_procedure(db: Database) -> None:
    changed = next(one for one in NAMES if "reference" in one.title)
    await see(db, changed.known)
    before = await stored(db, WHOLE)
    await see(db, changed.then[0])
    after = await stored(db, changed.then[0].says)
    assert (after.id, after.slug) == (before.id, WHOLE.reference)
    assert set(after.references) == {WHOLE.reference, "IPG749"}


def described(found: Event) -> str:
    """Return the kind of an event and its rows: "moved IPAC 2 12 Jan 2023 > 9 Feb 2023"."""
    return f"{found.kind.value} {_rows(found.payload.changes)}".strip()


def _rows(found: Sequence[DateChange]) -> str:
    return "; ".join(
        f"{one.label} {_dates(one.old)} > {_dates(one.new)}".replace("  ", " ").strip() for one in found
    )


def _dates(found: Dates | None) -> str:
    if found is None or found.start is None:
        return ""
    if found.precision is Precision.MONTH:
        return f"in {found.start:%b %Y}"
    return _day(found.start) if found.end is None else f"{_day(found.start)} - {_day(found.end)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
