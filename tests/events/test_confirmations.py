"""What was announced as scheduled was seen to happen: the entry says so, and only a publication is mailed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from notifier.db import Database, Rank
from notifier.events import amend, store
from notifier.events.interest import Preset
from notifier.events.model import Basis, Event, EventKind
from notifier.events.recording import Told
from notifier.events.store import event_of
from notifier.events.tables import event, mailing_event
from notifier.feeds.model import FeedEntry
from notifier.feeds.views import Publisher, feed_of
from notifier.procedures import hand_store
from notifier.procedures.hand import hand
from notifier.procedures.model import MilestoneState, Snapshot, Status, TimelineEntry
from notifier.subscriptions.topics import procedure_topic
from tests.cast import (
    BEGIN,
    RULES,
    VOICE,
    claim_letters,
    consultation,
    fan_out,
    follow,
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
from tests.events.mail_reader import read as parse
from tests.events.words_cast import SERVICE

MEETING = london(2022, 9, 8)
OPENING = london(2022, 10, 14)
PUBLICATION = london(2023, 3, 29)
HALF_AN_HOUR = timedelta(minutes=30)
MET = snapshot(meeting("ipac-1", date(2022, 9, 8)))
OPEN = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)))
PUBLISHED = snapshot(publication(date(2023, 3, 29)))
PUBLISHER = Publisher(service=SERVICE, rules=RULES, since=datetime(2022, 1, 1, tzinfo=UTC))


def _in_timeline(found: Snapshot, *, on: date) -> Snapshot:
    """Return a reading whose source says that its milestone happened on that day."""
    [one] = found.milestones
    entry = TimelineEntry(start=on, end=one.dates.end if on == one.dates.start else None, text=one.label)
    return replace(found, timeline=(entry,))


def _stated(found: Snapshot, state: MilestoneState = MilestoneState.REACHED) -> Snapshot:
    """Return a reading whose source itself gives the state of its milestone."""
    [one] = found.milestones
    return replace(found, milestones=(replace(one, state=state),), stated=frozenset({one.key}))


async def _events(db: Database) -> list[Event]:
    return [event_of(row) for row in await rows(db, event)]


async def _said(db: Database) -> list[tuple[EventKind, Basis]]:
    return [(one.kind, one.basis) for one in await _events(db)]


async def _mailed(db: Database) -> list[EventKind]:
    """Return the kinds of the events that any mailing carries, in their order."""
    carried = {row["event_seq"] for row in await rows(db, mailing_event)}
    return [one.kind for one in await _events(db) if one.seq in carried]


async def _announced(db: Database, found: Snapshot, at: datetime) -> None:
    """Let Ada follow every step, and be told of a date by the clock alone."""
    await follow(db, "Ada", preset=Preset.EVERY_STEP)
    await read(db, found, now=BEGIN)
    await sweep(db, at)


async def _subjects(db: Database, now: datetime) -> list[str]:
    await fan_out(db, now)
    return [parse(one.content)["Subject"].partition(":")[0] for one in await claim_letters(db, now)]


async def _entries(db: Database) -> tuple[FeedEntry, ...]:
    """Return the feed of the procedure, newest entry first."""
    found = await stored(db, PUBLISHED)
    async with db.read() as conn:
        newest = await store.latest(conn, procedure_topic(found.id), limit=50)
    return feed_of(PUBLISHER, found, newest, first_seen_at=BEGIN).entries


def _basis(entry: FeedEntry) -> str:
    [term] = [one.term for one in entry.categories if (one.scheme or "").endswith("basis")]
    return term


SEEN = [
    pytest.param(MET, _in_timeline(MET, on=date(2022, 9, 8)), MEETING, id="a meeting, in the timeline"),
    pytest.param(MET, _stated(MET), MEETING, id="a meeting, as its source states"),
    pytest.param(OPEN, _in_timeline(OPEN, on=date(2022, 10, 14)), OPENING, id="an opening, in the timeline"),
    pytest.param(OPEN, _stated(OPEN), OPENING, id="an opening, as its source states"),
]


@pytest.mark.parametrize(("planned", "seen", "at"), SEEN)
async def test_what_is_seen_after_its_alert_updates_the_entry_and_mails_nobody(
    db: Database, planned: Snapshot, seen: Snapshot, at: datetime
) -> None:
    await _announced(db, planned, at)
    assert len(await _subjects(db, at)) == 1
    [before] = await _entries(db)
    noon = at + timedelta(hours=3)
    await read(db, seen, now=noon)
    await sweep(db, noon)
    told, confirmed = await _events(db)
    assert (told.basis, confirmed.kind) == (Basis.SCHEDULED, EventKind.CONFIRMED)
    assert (confirmed.basis, confirmed.corrects_seq, confirmed.no_mail) == (Basis.CONFIRMED, told.seq, True)
    [after] = await _entries(db)
    assert (after.id, after.published, after.updated) == (before.id, before.published, noon)
    assert (_basis(before), _basis(after)) == ("scheduled", "confirmed")
    assert after.title != before.title or after.html != before.html
    assert await _subjects(db, noon + HALF_AN_HOUR) == []


async def test_it_is_confirmed_once_however_often_it_is_seen(db: Database) -> None:
    await _announced(db, MET, MEETING)
    for hours in (3, 4, 5):
        await read(db, _stated(MET), now=MEETING + timedelta(hours=hours))
        await sweep(db, MEETING + timedelta(hours=hours))
    assert [kind for kind, _ in await _said(db)] == [EventKind.MEETING, EventKind.CONFIRMED]


async def test_what_is_seen_before_it_is_due_is_announced_as_confirmed(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, OPEN, now=BEGIN)
    await read(db, _stated(OPEN), now=OPENING - timedelta(minutes=5))
    await sweep(db, OPENING)
    assert await _said(db) == [(EventKind.OPENED, Basis.CONFIRMED)]
    assert await _subjects(db, OPENING) == ["Comment by 11 Nov"]


async def test_what_its_source_still_plans_is_confirmed_by_nothing(db: Database) -> None:
    await _announced(db, MET, MEETING)
    await read(db, _stated(MET, MilestoneState.PLANNED), now=MEETING + timedelta(hours=3))
    await sweep(db, MEETING + timedelta(hours=4))
    assert await _said(db) == [(EventKind.MEETING, Basis.SCHEDULED)]


@pytest.mark.parametrize(
    ("planned", "at", "gone"),
    [
        pytest.param(MET, MEETING, london(2022, 9, 9, 12), id="a meeting"),
        pytest.param(OPEN, OPENING, london(2022, 11, 12, 12), id="a consultation"),
        pytest.param(PUBLISHED, PUBLICATION, london(2023, 3, 30, 8), id="a publication"),
    ],
)
async def test_a_row_that_vanishes_with_its_day_behind_it_confirms_nothing(
    db: Database, planned: Snapshot, at: datetime, gone: datetime
) -> None:
    await _announced(db, planned, at)
    empty = snapshot(meeting("ipac-9", date(2023, 9, 14)))
    await read(db, empty, now=gone)
    await sweep(db, gone + HALF_AN_HOUR)
    found = await _events(db)
    assert found[0].basis is Basis.SCHEDULED
    assert EventKind.CONFIRMED not in [one.kind for one in found]
    assert EventKind.PUBLISHED not in [one.kind for one in found]


async def test_a_publication_that_vanished_is_still_said_not_to_be_there(db: Database) -> None:
    await _announced(db, PUBLISHED, PUBLICATION)
    await read(db, snapshot(), now=london(2023, 3, 30, 8))
    await sweep(db, london(2023, 3, 30))
    assert (await _said(db))[-1][0] is EventKind.NOT_YET


PUBLISHED_AS = [
    pytest.param(_stated(PUBLISHED), id="stated"),
    pytest.param(_in_timeline(PUBLISHED, on=date(2023, 3, 29)), id="in the timeline"),
    pytest.param(in_status(PUBLISHED, Status.COMPLETE), id="complete"),
    pytest.param(in_status(_stated(PUBLISHED), Status.COMPLETE), id="stated and complete"),
    pytest.param(
        in_status(_in_timeline(PUBLISHED, on=date(2023, 3, 29)), Status.COMPLETE),
        id="in the timeline and complete",
    ),
]


@pytest.mark.parametrize("seen", PUBLISHED_AS)
async def test_a_publication_that_is_seen_is_told_and_mailed_once_without_waiting(
    db: Database, seen: Snapshot
) -> None:
    await _announced(db, PUBLISHED, PUBLICATION)
    assert await _subjects(db, PUBLICATION) == ["Guidance expected today"]
    noon = PUBLICATION + timedelta(hours=3)
    await read(db, seen, now=noon)
    await sweep(db, noon)
    assert await _said(db) == [
        (EventKind.EXPECTED, Basis.SCHEDULED),
        (EventKind.PUBLISHED, Basis.CONFIRMED),
    ]
    assert await _subjects(db, noon) == ["Published"]
    await sweep(db, london(2023, 3, 30))
    assert await _mailed(db) == [EventKind.EXPECTED, EventKind.PUBLISHED]


@pytest.mark.parametrize("seen", PUBLISHED_AS[:2])
async def test_a_publication_whose_status_follows_later_is_told_once(db: Database, seen: Snapshot) -> None:
    await _announced(db, PUBLISHED, PUBLICATION)
    noon = PUBLICATION + timedelta(hours=3)
    await read(db, seen, now=noon)
    await sweep(db, noon)
    await read(db, in_status(seen, Status.COMPLETE), now=noon + timedelta(hours=1))
    await sweep(db, noon + timedelta(hours=2))
    assert await _mailed(db) == [EventKind.EXPECTED, EventKind.PUBLISHED]


async def test_a_publication_seen_at_night_is_in_the_feed_at_once_and_mailed_in_the_morning(
    db: Database,
) -> None:
    await _announced(db, PUBLISHED, PUBLICATION)
    await _subjects(db, PUBLICATION)
    night = london(2023, 3, 29, 23)
    await read(db, _stated(PUBLISHED), now=night)
    await sweep(db, night)
    assert (await _said(db))[-1] == (EventKind.PUBLISHED, Basis.CONFIRMED)
    assert await _subjects(db, night) == []
    assert await _subjects(db, london(2023, 3, 30)) == ["Published"]


async def _by_hand(db: Database, planned: Snapshot, now: datetime) -> tuple[Told, ...]:
    """Let an operator say that the milestone happened. Return what was recorded."""
    async with db.write(Rank.WEB) as conn:
        found = await hand_store.the_procedure(conn, planned.reference)
        [one] = found.milestones
        await hand_store.set_reached(conn, found, one, by=hand("Cora", "I was there", now))
        return await amend.confirm(conn, VOICE, found.id, one.key, now=now)


async def test_an_operator_confirms_an_alert_without_a_second_mail(db: Database) -> None:
    await _announced(db, MET, MEETING)
    [before] = await _entries(db)
    now = MEETING + timedelta(hours=8)
    [told] = await _by_hand(db, MET, now)
    assert (told.draft.kind, told.mailing_id) == (EventKind.CONFIRMED, None)
    [after] = await _entries(db)
    assert (after.id, _basis(after), after.updated) == (before.id, "confirmed", now)
    assert "Example Charity has confirmed this." in after.html
    assert await _mailed(db) == [EventKind.MEETING]


async def test_an_operators_word_and_the_sources_confirm_an_alert_once(db: Database) -> None:
    await _announced(db, MET, MEETING)
    await _by_hand(db, MET, MEETING + timedelta(hours=1))
    await read(db, _stated(MET), now=MEETING + timedelta(hours=2))
    await sweep(db, MEETING + timedelta(hours=3))
    assert [kind for kind, _ in await _said(db)] == [EventKind.MEETING, EventKind.CONFIRMED]


async def test_a_publication_that_an_operator_confirms_is_mailed_once_though_the_source_follows(
    db: Database,
) -> None:
    await _announced(db, PUBLISHED, PUBLICATION)
    await _subjects(db, PUBLICATION)
    now = PUBLICATION + timedelta(hours=3)
    [told] = await _by_hand(db, PUBLISHED, now)
    assert told.draft.kind is EventKind.PUBLISHED
    assert await _subjects(db, now) == ["Published"]
    await read(db, in_status(_stated(PUBLISHED), Status.COMPLETE), now=now + timedelta(hours=1))
    await sweep(db, now + timedelta(hours=2))
    assert await _mailed(db) == [EventKind.EXPECTED, EventKind.PUBLISHED]


async def test_what_nobody_was_told_yet_is_confirmed_without_an_event(db: Database) -> None:
    await read(db, MET, now=BEGIN)
    assert await _by_hand(db, MET, london(2022, 9, 8, 8)) == ()
