"""What will be said is what announcing then says: same instants, kinds and people."""

from datetime import date, timedelta

from notifier.db import Database, Rank
from notifier.events.forecast import Forecast, Late, forecast, late
from notifier.events.interest import Preset
from notifier.events.model import Basis, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.procedures.due import Edge
from notifier.procedures.hand import Hand
from notifier.procedures.model import Status
from notifier.sources import hand as schedule
from notifier.subscriptions.audience import Rhythms
from notifier.subscriptions.model import Rhythm
from tests.cast import (
    BEGIN,
    IP1783,
    RULES,
    VOICE,
    consultation,
    follow,
    in_status,
    london,
    meeting,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)

YEAR_LATER = BEGIN + timedelta(days=365)
ONE_HAND = Hand(by="Cora", reason="to be sure", at=BEGIN)


async def _ahead(db: Database) -> list[Forecast]:
    async with db.read() as conn:
        return list(await forecast(conn, VOICE, start=BEGIN, end=YEAR_LATER))


async def _hold(db: Database, name: str | None, *, held: bool = True, by: Hand = ONE_HAND) -> None:
    async with db.write(Rank.WEB) as conn:
        await schedule.hold(conn, IP1783.reference, name, held=held, rules=RULES, by=by)


async def _late(db: Database, now: Hand) -> list[Late]:
    found = await stored(db)
    async with db.read() as conn:
        return list(await late(conn, VOICE, found.id, now=now.at))


async def test_it_foresees_exactly_what_is_then_announced(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    foreseen = await _ahead(db)
    for one in foreseen:
        await sweep(db, one.at)
    announced = [event_of(row) for row in await rows(db, event)]
    assert [(one.at, one.kind, one.basis, one.title, not one.mailed) for one in foreseen] == [
        (one.occurred_at, one.kind, one.basis, one.payload.entry_title, one.no_mail) for one in announced
    ]
    assert len(foreseen) == 8


async def test_each_instant_knows_its_day_its_date_and_its_people(db: Database) -> None:
    await follow(db, "Ada", preset=Preset.OPENINGS)
    await follow(db, "Ben", preset=Preset.EVERY_STEP)
    await read(db, IP1783, now=BEGIN)
    first, opening = (await _ahead(db))[:2]
    assert (first.day, first.milestone.key, first.edge) == (date(2022, 9, 8), "ipac-1", Edge.REACHED)
    assert (first.kind, first.basis, first.people) == (
        EventKind.MEETING,
        Basis.SCHEDULED,
        Rhythms(at_once=1),
    )
    assert (opening.kind, opening.people) == (EventKind.OPENED, Rhythms(at_once=2))
    assert opening.procedure.slug == "GID-IPG1783"


async def test_a_reminder_is_foreseen_at_once_for_those_who_get_digests_too(db: Database) -> None:
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await follow(db, "Ben", rhythm=Rhythm.WEEKLY)
    await read(db, IP1783, now=BEGIN)
    people = {one.kind: one.people for one in await _ahead(db)}
    assert people[EventKind.CLOSING_SOON] == Rhythms(at_once=2)
    assert people[EventKind.OPENED] == Rhythms(daily=1, weekly=1)


async def test_the_end_of_the_asked_time_is_not_part_of_it(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    at = london(2022, 9, 8)
    async with db.read() as conn:
        assert not await forecast(conn, VOICE, start=BEGIN, end=at)
        assert len(await forecast(conn, VOICE, start=at, end=at + timedelta(microseconds=1))) == 1


async def test_one_procedure_can_be_asked_for_alone(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8)), number=2), now=BEGIN)
    other = await stored(db, snapshot(number=2))
    async with db.read() as conn:
        found = await forecast(conn, VOICE, start=BEGIN, end=YEAR_LATER, procedure_id=other.id)
    assert [one.procedure.slug for one in found] == ["GID-IPG2"]


async def test_what_is_held_is_foreseen_as_held(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await _hold(db, "ipac-1")
    assert [one.milestone.key for one in await _ahead(db) if one.held] == ["ipac-1"]


async def test_nothing_is_foreseen_of_what_does_not_run_or_is_a_draft(db: Database) -> None:
    await read(db, in_status(IP1783, Status.SUSPENDED), now=BEGIN)
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8)), number=2, draft=True), now=BEGIN)
    assert await _ahead(db) == []


async def test_what_passed_while_it_was_held_is_late_or_not_said_by_policy(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await _hold(db, None)
    now = Hand(by="Cora", reason="all clear", at=london(2022, 10, 16))
    await _hold(db, None, held=False, by=now)
    meeting_day, opening = await _late(db, now)
    assert meeting_day.said is not None
    assert opening.said is not None
    assert (meeting_day.instant.edge, meeting_day.said.mailed) == (Edge.REACHED, False)
    assert (opening.instant.edge, opening.said.mailed, opening.said.late_days) == (Edge.OPENS, True, 2)
    assert opening.said.people == Rhythms(at_once=1)


async def test_a_reminder_after_the_close_is_not_said_any_more(db: Database) -> None:
    await read(db, snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11))), now=BEGIN)
    await _hold(db, "consultation")
    now = Hand(by="Cora", reason="all clear", at=london(2022, 11, 12))
    await _hold(db, "consultation", held=False, by=now)
    found = {one.instant.edge: one.said for one in await _late(db, now)}
    assert found[Edge.CLOSING_7] is None
    assert found[Edge.CLOSING_1] is None
    assert found[Edge.OPENS] is not None
