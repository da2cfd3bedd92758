"""Alerts and the rows behind them: which row one is about, and what a later reading makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from notifier.db import Database
from notifier.events.model import Basis, Event, EventKind
from notifier.events.preflight import Check, Hold, Policy, Proceed, Wait, weigh
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.procedures.due import CheckedAs, DueInstant, Edge
from notifier.procedures.model import (
    Milestone,
    MilestoneState,
    Snapshot,
    Status,
    TimelineEntry,
)
from notifier.settings import Unreadable
from tests.cast import (
    BEGIN,
    IP1783,
    RULES,
    consultation,
    in_status,
    london,
    meeting,
    publication,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)
from tests.events.words_cast import in_month

FIRST, LAST = date(2022, 10, 14), date(2022, 11, 11)
OPENING = london(2022, 10, 14)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLANNED = snapshot(consultation(FIRST, LAST), publication(date(2023, 3, 29)))
OPEN = replace(
    PLANNED,
    milestones=(replace(PLANNED.milestones[0], state=MilestoneState.REACHED), PLANNED.milestones[1]),
    stated=frozenset({"consultation"}),
)
WITHOUT = snapshot(publication(date(2023, 3, 29)))
TENTH = date(2022, 11, 10)


async def state_of_the_consultation(db: Database) -> MilestoneState:
    [one] = [one for one in (await stored(db)).milestones if one.key == "consultation"]
    return one.state


async def events(db: Database) -> Sequence[Event]:
    return [event_of(row) for row in await rows(db, event)]


async def kinds(db: Database) -> list[EventKind]:
    return [one.kind for one in await events(db)]


async def told(db: Database, found: Snapshot, *, seen: datetime) -> None:
    """Take in a reading, and tell what it changes once that has settled."""
    await read(db, found, now=seen)
    await sweep(db, seen + HOUR)


def reminder(check: Check, policy: Policy) -> Proceed | Wait | Hold:
    """Weigh the last reminder of a consultation that was seen open, at nine on its day."""
    nine = RULES.announcement(TENTH)
    due = DueInstant(edge=Edge.CLOSING_1, local_date=TENTH, zone="Europe/London", due_at=nine)
    return weigh(check, due, OPEN.milestones[0], policy=policy, rules=RULES, now=nine)


NINE_ON_THE_TENTH = RULES.announcement(TENTH)


@pytest.mark.parametrize("at", [None, NINE_ON_THE_TENTH - DAY])
@pytest.mark.parametrize("unreadable", Unreadable)
def test_a_reminder_of_a_consultation_that_was_seen_open_asks_first(
    at: datetime | None, unreadable: Unreadable
) -> None:
    check = Check(watched=True, at=at, as_=at and CheckedAs.STANDS)
    assert isinstance(reminder(check, Policy(unreadable=unreadable)), Wait)


@pytest.mark.parametrize(
    ("unreadable", "outcome"), [(Unreadable.SAY, Proceed), (Unreadable.WAIT, Wait), (Unreadable.HOLD, Hold)]
)
def test_a_reminder_of_a_consultation_that_was_seen_open_obeys_the_policy(
    unreadable: Unreadable, outcome: type
) -> None:
    check = Check(watched=True, at=NINE_ON_THE_TENTH, as_=CheckedAs.UNREADABLE)
    assert type(reminder(check, Policy(unreadable=unreadable))) is outcome


def test_a_reminder_is_confirmed_where_the_consultation_was_seen_open_and_still_stands() -> None:
    check = Check(watched=True, at=NINE_ON_THE_TENTH, as_=CheckedAs.STANDS)
    assert reminder(check, Policy()) == Proceed(basis=Basis.CONFIRMED)


async def test_a_consultation_that_was_seen_open_and_vanishes_before_its_end_is_withdrawn(
    db: Database,
) -> None:
    await read(db, PLANNED, now=BEGIN)
    await read(db, OPEN, now=OPENING - HOUR)
    await sweep(db, OPENING)
    await told(db, WITHOUT, seen=OPENING + 5 * DAY)
    assert await state_of_the_consultation(db) is MilestoneState.WITHDRAWN
    assert await kinds(db) == [EventKind.OPENED, EventKind.REMOVED]
    await sweep(db, london(2022, 11, 11, 18))
    assert await kinds(db) == [EventKind.OPENED, EventKind.REMOVED]


@pytest.mark.parametrize(
    ("timeline", "seen"),
    [
        pytest.param(
            (TimelineEntry(start=FIRST, end=LAST, text="Consultation"),),
            OPENING + 5 * DAY,
            id="it is in the timeline",
        ),
        pytest.param((), london(2022, 11, 12), id="it is over"),
    ],
)
async def test_a_consultation_that_vanishes_as_it_should_has_taken_place(
    db: Database, timeline: tuple[TimelineEntry, ...], seen: datetime
) -> None:
    await read(db, OPEN, now=OPENING)
    await read(db, replace(WITHOUT, timeline=timeline), now=seen)
    assert await state_of_the_consultation(db) is MilestoneState.REACHED


def round_of(key: str, first: date, last: date) -> Milestone:
    return replace(consultation(first, last), key=key)


async def test_of_two_rows_with_one_label_a_correction_is_about_the_one_that_was_announced(
    db: Database,
) -> None:
    second = round_of("consultation-2", date(2022, 12, 1), date(2022, 12, 20))
    await read(db, snapshot(second, consultation(FIRST, LAST)), now=BEGIN)
    await sweep(db, OPENING)
    both = snapshot(
        round_of("consultation-2", date(2023, 1, 5), date(2023, 1, 30)),
        consultation(date(2022, 10, 21), date(2022, 11, 18)),
    )
    await told(db, both, seen=OPENING + HOUR)
    opened, correction, moved = await events(db)
    assert (correction.kind, correction.corrects_seq) == (EventKind.CORRECTION, opened.seq)
    assert (correction.payload.milestone_key, correction.payload.start) == (
        "consultation",
        date(2022, 10, 21),
    )
    assert "NICE now gives 21 October to 18 November 2022" in correction.payload.entry_html
    assert {row.key for row in moved.payload.changes} == {"consultation", "consultation-2"}


async def test_an_opening_during_a_status_that_nobody_knows_is_told_once_it_is_known_again(
    db: Database,
) -> None:
    await read(db, IP1783, now=london(2022, 9, 9))
    await told(db, in_status(IP1783, Status.UNKNOWN), seen=london(2022, 10, 10))
    await sweep(db, OPENING)
    assert await kinds(db) == []
    await told(db, IP1783, seen=london(2022, 10, 17))
    assert await kinds(db) == [EventKind.OPENED]


@pytest.mark.parametrize(
    ("month", "kind"),
    [
        pytest.param((2022, 10), EventKind.CORRECTION, id="some other day of the month"),
        pytest.param((2022, 11), EventKind.CORRECTION, id="a later month"),
        pytest.param((2022, 9), EventKind.MOVED, id="a month that is over"),
    ],
)
async def test_a_day_that_becomes_a_month_takes_its_alert_back_while_the_month_may_yet_bring_it(
    db: Database, month: tuple[int, int], kind: EventKind
) -> None:
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    vague = replace(consultation(FIRST, LAST), dates=in_month(*month))
    await told(db, snapshot(vague, publication(date(2023, 3, 29))), seen=OPENING + HOUR)
    assert (await kinds(db))[:2] == [EventKind.OPENED, kind]


async def test_a_new_row_that_is_open_already_is_told_once_as_open(db: Database) -> None:
    await read(db, WITHOUT, now=BEGIN)
    await told(db, PLANNED, seen=OPENING + 3 * DAY)
    assert await kinds(db) == [EventKind.OPENED]


async def test_a_new_row_that_is_not_open_yet_is_told_as_added(db: Database) -> None:
    await read(db, WITHOUT, now=BEGIN)
    await told(db, PLANNED, seen=OPENING - DAY)
    assert await kinds(db) == [EventKind.DATE_ADDED]


async def test_a_new_row_beside_one_that_is_open_already_is_told_as_added(db: Database) -> None:
    await read(db, WITHOUT, now=BEGIN)
    both = snapshot(*PLANNED.milestones, meeting("ipac-2", date(2023, 1, 12)))
    await told(db, both, seen=OPENING + 3 * DAY)
    opened, added = await events(db)
    assert (opened.kind, added.kind) == (EventKind.OPENED, EventKind.DATE_ADDED)
    assert [row.key for row in added.payload.changes] == ["ipac-2"]


async def test_a_row_that_was_removed_and_comes_back_open_is_told_as_added(db: Database) -> None:
    await read(db, PLANNED, now=BEGIN)
    await told(db, WITHOUT, seen=OPENING - 3 * DAY)
    await told(db, PLANNED, seen=OPENING + 3 * DAY)
    assert EventKind.DATE_ADDED in await kinds(db)
    assert (await kinds(db))[0] is EventKind.REMOVED
