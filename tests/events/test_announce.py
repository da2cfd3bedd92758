"""Announcing: what is due becomes events, their topics, one mailing and its chunks, in one transaction."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from notifier.db import Database
from notifier.events.announce import Announced
from notifier.events.model import Basis, Event, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event, event_topic, expansion, mailing, mailing_event
from notifier.procedures.due import DueState
from notifier.procedures.model import MilestoneState, Status
from notifier.procedures.tables import due
from notifier.subscriptions.tables import topic
from tests.cast import (
    BEGIN,
    IP1783,
    consultation,
    count,
    dues,
    follow,
    in_status,
    london,
    meeting,
    publication,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.noting import noting

OPENING = london(2022, 10, 14)
NOTHING = Announced(events=0, mailings=0, more=False)
THREE_MEETINGS = tuple(snapshot(meeting("ipac-1", date(2022, 9, 8)), number=number) for number in (1, 2, 3))


async def _events(db: Database) -> list[Event]:
    return [event_of(row) for row in await rows(db, event)]


async def _kinds(db: Database) -> list[EventKind]:
    return [one.kind for one in await _events(db)]


async def _read_three(db: Database) -> None:
    for one in THREE_MEETINGS:
        await read(db, one, now=BEGIN)


async def test_many_dates_of_one_moment_are_asked_for_together(db: Database) -> None:
    asked: list[int] = []
    for month, many in ((10, 2), (11, 40)):
        for number in range(many):
            one = snapshot(meeting("ipac-1", date(2022, month, 7)), number=1000 * month + number)
            await read(db, one, now=BEGIN)
        with noting() as statements:
            assert (await sweep(db, london(2022, month, 7))).events == many
        asked.append(len(statements))
    assert asked[1] <= asked[0]


async def test_a_sweep_with_nothing_due_writes_nothing(db: Database) -> None:
    await _read_three(db)
    with noting() as statements:
        assert await sweep(db, BEGIN) == NOTHING
    assert {one.split()[0] for one in statements} <= {"SELECT", "BEGIN"}


async def test_what_is_due_becomes_events_with_topics_one_mailing_and_its_chunks(db: Database) -> None:
    await follow(db, "Ada")
    await _read_three(db)
    assert await sweep(db, london(2022, 9, 8)) == Announced(events=3, mailings=1, more=False)
    assert [(one.seq, one.kind, one.basis) for one in await _events(db)] == [
        (seq, EventKind.MEETING, Basis.SCHEDULED) for seq in (1, 2, 3)
    ]
    named = {one["id"]: (one["kind"], one["value"]) for one in await rows(db, topic)}
    of_first = {named[row["topic_id"]] for row in await rows(db, event_topic) if row["event_seq"] == 1}
    first = (await _events(db))[0].procedure_id
    assert of_first == {
        ("all", ""),
        ("procedure", str(first)),
        ("process", "ip"),
        ("technology", "procedure"),
    }
    [moment] = [row for row in await rows(db, mailing) if row["kind"] == "moment"]
    assert (moment["slot_key"], moment["upto_seq"]) == ("moment:1", 3)
    assert moment["not_before"] == london(2022, 9, 8)
    assert [row["event_seq"] for row in await rows(db, mailing_event)] == [1, 2, 3]
    assert [(row["lo"], row["done_at"]) for row in await rows(db, expansion)] == [(0, None)]
    assert {row["state"] for row in await rows(db, due)} == {DueState.ANNOUNCED}


async def test_nothing_is_announced_before_its_instant(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    assert await sweep(db, london(2022, 9, 8) - timedelta(microseconds=1)) == NOTHING
    assert (await sweep(db, london(2022, 9, 8))).events == 1


async def test_an_event_says_when_it_occurred_and_when_it_was_recorded(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    now = london(2022, 9, 8) + timedelta(seconds=3)
    await sweep(db, now)
    [found] = await _events(db)
    assert (found.occurred_at, found.recorded_at) == (london(2022, 9, 8), now)
    assert found.payload.day == date(2022, 9, 8)


async def test_without_followers_there_are_events_and_no_mailing(db: Database) -> None:
    await _read_three(db)
    assert await sweep(db, london(2022, 9, 8)) == Announced(events=3, mailings=0, more=False)
    assert await count(db, expansion) == 0


async def test_a_sweep_announces_once_however_often_it_is_called(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    assert (await sweep(db, OPENING)).events == 2
    for _ in range(3):
        assert await sweep(db, OPENING) == NOTHING
    assert await count(db, event) == 2
    assert await count(db, mailing) == 2  # the one, beside that of all replies


async def test_two_sweepers_at_the_same_time_announce_once(db: Database) -> None:
    await follow(db, "Ada")
    await _read_three(db)
    other = Database(db.url)
    try:
        found = await asyncio.gather(*(sweep(one, london(2022, 9, 8)) for one in (db, other) * 4))
    finally:
        await other.dispose()
    assert sum(one.events for one in found) == 3
    assert sum(one.mailings for one in found) == 1
    assert [one.seq for one in await _events(db)] == [1, 2, 3]


async def test_the_numbers_of_events_have_no_gaps(db: Database) -> None:
    await _read_three(db)
    await read(db, IP1783, now=BEGIN)
    for day in (date(2022, 9, 8), date(2022, 10, 14), date(2022, 11, 4), date(2023, 1, 12)):
        await sweep(db, london(day.year, day.month, day.day))
    found = await _events(db)
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    assert len({one.public_id for one in found}) == len(found)


async def test_the_whole_schedule_is_told_each_at_its_time(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    instants = sorted(one.instant.due_at for one in (await dues(db)).values())
    for instant in instants:
        await sweep(db, instant)
    assert await _kinds(db) == [
        EventKind.MEETING,
        EventKind.OPENED,
        EventKind.CLOSING_SOON,
        EventKind.CLOSING_SOON,
        EventKind.CLOSED,
        EventKind.MEETING,
        EventKind.EXPECTED,
        EventKind.NOT_YET,
    ]
    assert [one.occurred_at for one in await _events(db)] == instants
    assert {one.payload.late_days for one in await _events(db)} == {0}


async def test_three_days_of_downtime_lose_nothing_and_mail_what_is_still_of_use(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await read(db, snapshot(meeting("ipac-1", date(2022, 10, 15)), number=2), now=BEGIN)
    await read(db, snapshot(publication(date(2022, 10, 14)), number=3), now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    await sweep(db, london(2022, 10, 17, 10))
    found = {one.kind: one for one in (await _events(db))[1:]}
    assert {kind: one.payload.late_days for kind, one in found.items()} == {
        EventKind.OPENED: 3,
        EventKind.EXPECTED: 3,
        EventKind.MEETING: 2,
        EventKind.NOT_YET: 0,
    }
    assert {kind: one.no_mail for kind, one in found.items()} == {
        EventKind.OPENED: False,
        EventKind.EXPECTED: True,
        EventKind.MEETING: True,
        EventKind.NOT_YET: False,
    }
    assert found[EventKind.OPENED].occurred_at == OPENING
    mailed = [row["event_seq"] for row in await rows(db, mailing_event) if row["event_seq"] > 1]
    assert set(mailed) == {found[EventKind.OPENED].seq, found[EventKind.NOT_YET].seq}


async def test_after_a_downtime_over_both_reminders_only_the_last_is_sent(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await sweep(db, OPENING)
    await sweep(db, london(2022, 11, 10, 10))
    assert (await _kinds(db))[2:] == [EventKind.CLOSING_SOON]
    assert (await _events(db))[-1].payload.day == date(2022, 11, 10)


async def test_after_a_downtime_over_the_closing_no_reminder_is_sent(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 11, 14))
    assert await _kinds(db) == [EventKind.MEETING, EventKind.OPENED, EventKind.CLOSED]
    assert await count(db, mailing_event) == 0


async def test_a_milestone_that_moves_after_it_was_announced_is_announced_on_its_new_date(
    db: Database,
) -> None:
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8))), now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 22))), now=london(2022, 9, 8, 10))
    await sweep(db, london(2022, 9, 8, 11))
    await sweep(db, london(2022, 9, 22))
    # Told as scheduled and moved on: whoever heard of it is told a correction, everybody else the change.
    said = [EventKind.MEETING, EventKind.CORRECTION, EventKind.MOVED, EventKind.MEETING]
    assert await _kinds(db) == said


async def test_a_milestone_that_moves_away_and_back_is_not_announced_twice_on_its_day(db: Database) -> None:
    here, away = (snapshot(meeting("ipac-1", date(2022, 9, day))) for day in (8, 22))
    await read(db, here, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    await read(db, away, now=london(2022, 9, 8, 10))
    await sweep(db, london(2022, 9, 8, 11))
    await read(db, here, now=london(2022, 9, 8, 12))
    await sweep(db, london(2022, 9, 22))
    assert (await _kinds(db)).count(EventKind.MEETING) == 1


async def test_an_open_consultation_found_later_is_announced_with_the_day_it_was_learnt(
    db: Database,
) -> None:
    await read(db, snapshot(number=1), now=BEGIN, source="the list")
    now = london(2022, 10, 20, 11)
    await read(db, IP1783, now=now, source="the list")
    await sweep(db, now)
    [opened] = [one for one in await _events(db) if one.kind is EventKind.OPENED]
    assert (opened.payload.learnt_on, opened.payload.late_days) == (date(2022, 10, 20), 0)
    assert not opened.no_mail


async def test_a_stage_that_its_body_confirmed_is_told_as_confirmed(db: Database) -> None:
    confirmed = replace(consultation(date(2022, 10, 14), date(2022, 11, 11)), state=MilestoneState.REACHED)
    await read(db, snapshot(confirmed), now=BEGIN)
    await sweep(db, OPENING)
    assert [one.basis for one in await _events(db)] == [Basis.CONFIRMED]


@pytest.mark.parametrize(
    "status",
    [
        Status.SUSPENDED,
        Status.IMPACTED_BY_COVID_19,
        Status.DISCONTINUED,
        Status.COMPLETE,
        Status.UNKNOWN,
    ],
)
async def test_a_procedure_that_does_not_run_never_speaks(sqlite_db: Database, status: Status) -> None:
    await read(sqlite_db, in_status(IP1783, status), now=BEGIN)
    assert await sweep(sqlite_db, london(2023, 4, 1)) == NOTHING


async def test_a_reminder_goes_before_other_mail(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, OPENING)
    await sweep(db, london(2022, 11, 4))
    moments = [row for row in await rows(db, mailing) if row["kind"] == "moment"]
    assert [row["lane"] for row in moments] == [2, 1]
