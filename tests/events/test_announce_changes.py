"""Announcing what changed, once it has settled."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from notifier.db import Database
from notifier.events.model import Basis, Event, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event, mailing, mailing_event
from notifier.procedures.model import Snapshot, Status
from tests.cast import (
    BEGIN,
    IP1783,
    consultation,
    count,
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

NOON = london(2022, 9, 20, 12)
SETTLED = NOON + timedelta(minutes=30)
MOVED = replace(IP1783, milestones=(*IP1783.milestones[:3], publication(date(2023, 5, 24))))
MUCH_MOVED = replace(
    IP1783,
    milestones=(
        IP1783.milestones[0],
        consultation(date(2022, 10, 14), date(2022, 11, 25)),
        meeting("ipac-2", date(2023, 2, 9)),
        publication(date(2023, 5, 24)),
    ),
)


async def _known(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))


async def _news(db: Database) -> list[Event]:
    """Return the events but for the first meeting of IP1783."""
    return [event_of(row) for row in await rows(db, event)][1:]


async def _told(db: Database, found: Snapshot, seen: datetime = NOON) -> list[Event]:
    """Read something new, let it settle, and return what is told of it."""
    await _known(db)
    await read(db, found, now=seen)
    await sweep(db, seen + timedelta(minutes=30))
    return await _news(db)


async def test_what_changed_of_many_procedures_at_once_is_asked_for_together(db: Database) -> None:
    asked: list[int] = []
    for day, many in ((20, 2), (21, 30)):
        noon = london(2022, 9, day, 12)
        for number in range(many):
            for dated in (date(2023, 3, 29), date(2023, 5, 24)):
                one = snapshot(publication(dated), number=1000 * day + number)
                await read(db, one, now=BEGIN if dated.month == 3 else noon)
        with noting() as statements:
            assert (await sweep(db, noon + timedelta(minutes=30))).events == many
        asked.append(len(statements))
    assert asked[1] <= asked[0]


async def test_a_change_is_told_when_it_has_settled_and_not_before(db: Database) -> None:
    await _known(db)
    await read(db, MOVED, now=NOON)
    assert (await sweep(db, SETTLED - timedelta(seconds=1))).events == 0
    assert (await sweep(db, SETTLED)).events == 1
    assert (await sweep(db, SETTLED)).events == 0
    [moved] = await _news(db)
    assert (moved.kind, moved.basis, moved.occurred_at) == (EventKind.MOVED, Basis.CONFIRMED, NOON)
    [row] = moved.payload.changes
    assert row.old is not None
    assert row.new is not None
    assert (row.old.start, row.new.start) == (date(2023, 3, 29), date(2023, 5, 24))


async def test_there_and_back_again_is_told_to_nobody(db: Database) -> None:
    await _known(db)
    await read(db, MOVED, now=NOON)
    await read(db, IP1783, now=NOON + timedelta(minutes=10))
    await sweep(db, london(2022, 9, 21))
    assert await _news(db) == []


async def test_there_and_back_and_there_again_is_told_once_for_each_that_settled(db: Database) -> None:
    await _known(db)
    for day, found in ((20, MOVED), (21, IP1783), (22, MOVED)):
        await read(db, found, now=london(2022, 9, day, 12))
        await sweep(db, london(2022, 9, day, 13))
    news = await _news(db)
    assert [one.kind for one in news] == [EventKind.MOVED] * 3


async def test_several_rows_of_one_procedure_are_one_event_named_by_the_deadline(db: Database) -> None:
    [found] = await _told(db, MUCH_MOVED)
    assert found.kind is EventKind.EXTENDED
    assert found.payload.deadline == date(2022, 11, 25)
    assert {row.label for row in found.payload.changes} == {"Consultation", "IPAC-2", "Expected publication"}


async def test_a_change_of_status_is_an_event_of_its_own(db: Database) -> None:
    assert [one.kind for one in await _told(db, in_status(IP1783, Status.SUSPENDED))] == [EventKind.SUSPENDED]


async def test_what_changes_together_with_the_end_of_the_work_is_not_told_as_dates(db: Database) -> None:
    found = await _told(db, in_status(MUCH_MOVED, Status.DISCONTINUED))
    assert [one.kind for one in found] == [EventKind.DISCONTINUED]


async def test_completion_is_told_as_published(db: Database) -> None:
    [found] = await _told(db, in_status(IP1783, Status.COMPLETE))
    assert (found.kind, found.basis) == (EventKind.PUBLISHED, Basis.CONFIRMED)


async def test_a_restart_is_told(db: Database) -> None:
    await _told(db, in_status(IP1783, Status.SUSPENDED))
    await read(db, IP1783, now=london(2022, 9, 30, 12))
    await sweep(db, london(2022, 9, 30, 13))
    assert (await _news(db))[-1].kind is EventKind.RESTARTED


async def test_a_date_that_is_due_while_its_change_settles_is_not_announced(db: Database) -> None:
    await _known(db)
    later = replace(
        IP1783, milestones=(IP1783.milestones[0], consultation(date(2022, 10, 21), date(2022, 11, 18)))
    )
    await read(db, later, now=london(2022, 10, 14, 8, 50))
    await sweep(db, london(2022, 10, 14, 9))
    assert await _news(db) == []


async def test_a_new_procedure_is_listed_in_the_feed_and_mailed_to_nobody(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, snapshot(number=1), now=BEGIN, source="the list")
    await read(db, IP1783, now=NOON, source="the list")
    await sweep(db, NOON)
    [listed] = [event_of(row) for row in await rows(db, event)]
    assert (listed.kind, listed.no_mail) == (EventKind.LISTED, True)
    assert len(listed.payload.changes) == len(IP1783.milestones)
    assert await count(db, mailing_event) == 0


async def test_a_change_found_in_the_evening_is_told_at_once_and_mailed_in_the_morning(db: Database) -> None:
    await follow(db, "Ada")
    evening = london(2022, 9, 20, 21)
    [moved] = await _told(db, MOVED, seen=evening)
    assert moved.recorded_at == evening + timedelta(minutes=30)
    assert (await rows(db, mailing))[-1]["not_before"] == london(2022, 9, 21, 9)


async def test_a_change_found_before_the_morning_is_mailed_the_same_morning(db: Database) -> None:
    await follow(db, "Ada")
    await _told(db, MOVED, seen=london(2022, 9, 20, 5))
    assert (await rows(db, mailing))[-1]["not_before"] == london(2022, 9, 20, 9)


async def test_a_change_found_by_day_is_mailed_at_once(db: Database) -> None:
    await follow(db, "Ada")
    await _told(db, MOVED)
    assert (await rows(db, mailing))[-1]["not_before"] == SETTLED


async def test_a_late_date_and_a_change_of_the_evening_go_in_two_mailings_of_one_sweep(db: Database) -> None:
    await follow(db, "Ada")
    await _known(db)
    other = snapshot(publication(date(2023, 3, 29)), number=2)
    await read(db, other, now=BEGIN)
    await read(db, snapshot(publication(date(2023, 5, 24)), number=2), now=london(2022, 10, 14, 21))
    now = london(2022, 10, 14, 21, 30)
    found = await sweep(db, now)
    assert (found.events, found.mailings) == (2, 2)
    assert [row["not_before"] for row in (await rows(db, mailing))[-2:]] == [now, london(2022, 10, 15, 9)]
    carried = [row["event_seq"] for row in await rows(db, mailing_event)][-2:]
    assert [one.kind for one in await _news(db) if one.seq in carried] == [EventKind.OPENED, EventKind.MOVED]


async def test_what_is_taken_back_into_work_and_published_again_is_told_again(db: Database) -> None:
    statuses = (Status.COMPLETE, Status.IN_PROGRESS, Status.COMPLETE)
    undated = replace(IP1783, milestones=IP1783.milestones[:1])
    await read(db, undated, now=BEGIN)
    for hours, status in enumerate(statuses):
        at = NOON + timedelta(hours=hours)
        await read(db, in_status(undated, status), now=at)
        await sweep(db, at + timedelta(minutes=31))
    kinds = [event_of(row).kind for row in await rows(db, event)]
    assert kinds[-3:] == [EventKind.PUBLISHED, EventKind.RESTARTED, EventKind.PUBLISHED]


async def test_another_end_of_a_time_that_has_not_begun_is_no_more_time(db: Database) -> None:
    longer = consultation(date(2022, 10, 14), date(2022, 11, 25))
    [found] = await _told(
        db, replace(IP1783, milestones=(IP1783.milestones[0], longer, *IP1783.milestones[2:]))
    )
    assert found.payload.entry_title.startswith("Comments now 14 October to 25 November 2022: ")
    assert "more weeks" not in found.payload.entry_html


async def test_news_of_a_restart_gives_the_deadline_that_runs(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    inside = london(2022, 10, 20, 12)
    await read(db, in_status(IP1783, Status.SUSPENDED), now=inside)
    await sweep(db, inside + timedelta(minutes=31))
    await read(db, IP1783, now=inside + timedelta(hours=2))
    await sweep(db, inside + timedelta(hours=3))
    restarted = [event_of(row) for row in await rows(db, event)][-1]
    assert restarted.kind is EventKind.RESTARTED
    assert restarted.payload.next_dates[0].dates.end == date(2022, 11, 11)
