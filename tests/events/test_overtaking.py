"""Mail that waited while a date changed says what holds now, or leaves it to the change."""

from dataclasses import replace
from datetime import date, datetime

from notifier.db import Database
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.events.model import Basis, EventKind
from notifier.events.overtaking import as_it_stands, overtaken_at
from notifier.events.store import event_of
from notifier.events.tables import event as event_table
from notifier.procedures.model import Dates
from notifier.subscriptions.model import Rhythm
from tests.cast import (
    BEGIN,
    IP1783,
    claim_letters,
    consultation,
    fan_out,
    follow,
    london,
    meeting,
    publication,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.events.mail_reader import body
from tests.events.mail_reader import read as parse
from tests.events.words_cast import CONSULTATION, between, event

EXTENDED = snapshot(
    meeting("ipac-1", date(2022, 9, 8)),
    consultation(date(2022, 10, 14), date(2022, 11, 25)),
    meeting("ipac-2", date(2023, 1, 12)),
    publication(date(2023, 3, 29)),
)
REMINDER = london(2022, 11, 4)


async def _happens(db: Database, now: datetime) -> None:
    await sweep(db, now)
    await fan_out(db, now)


async def _told(db: Database, now: datetime) -> list[str]:
    return [str(parse(one.content)["Subject"]).rpartition(": ")[0] for one in await claim_letters(db, now)]


async def test_a_reminder_that_waited_while_the_closing_moved_is_left_to_the_change(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await _happens(db, london(2022, 10, 14))
    await follow(db, "Ada")
    await _happens(db, REMINDER)
    await read(db, EXTENDED, now=london(2022, 11, 4, 10))
    await _happens(db, london(2022, 11, 4, 11))
    assert await _told(db, london(2022, 11, 4, 11)) == ["More time, to 25 Nov"]
    assert [row["state"] for row in await rows(db, delivery)] == [
        DeliveryState.CANCELLED,
        DeliveryState.SENDING,
    ]
    found = {row["seq"]: event_of(row) for row in await rows(db, event_table)}
    changed = london(2022, 11, 4, 11)
    async with db.read() as conn:
        gone = {one.kind: await overtaken_at(conn, one) for one in found.values()}
    assert gone[EventKind.CLOSING_SOON] == changed
    assert gone[EventKind.EXTENDED] is None


async def test_an_opening_that_waited_names_the_closing_that_holds_now(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    await _happens(db, london(2022, 10, 14))
    await read(db, EXTENDED, now=london(2022, 10, 14, 10))
    await _happens(db, london(2022, 10, 14, 11))
    monday = london(2022, 10, 17)
    await _happens(db, monday)
    [letter] = await claim_letters(db, monday)
    said = " ".join(body(parse(letter.content), "plain").split())
    assert "11 November 2022" not in said.replace(
        "(was Friday 14 October to Friday 11 November 2022)", ""
    ).replace("not 11 November", "")
    assert "to close on Friday 25 November 2022" in said


def test_what_a_later_change_leaves_of_an_alert() -> None:
    opened = event(EventKind.OPENED, Basis.SCHEDULED, replace(CONSULTATION, deadline=date(2022, 11, 11)))
    soon = replace(opened, kind=EventKind.CLOSING_SOON)
    same = between(date(2022, 10, 14), date(2022, 11, 11))
    later = between(date(2022, 10, 14), date(2022, 11, 25))
    assert as_it_stands(opened, same) is opened
    assert as_it_stands(soon, same) is soon
    changed = as_it_stands(opened, later)
    assert changed is not None
    assert changed.payload.deadline == date(2022, 11, 25)
    assert as_it_stands(soon, later) is None
    assert as_it_stands(opened, None) is None
    assert as_it_stands(opened, Dates()) is None
