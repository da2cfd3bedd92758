"""Whom a reading would be told to: real subscriptions, and the same policy as announcing itself."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.delivery.model import Lane
from notifier.delivery.tables import delivery
from notifier.events.interest import Preset
from notifier.events.preview import Foreseen, people_told
from notifier.procedures.model import MilestoneState, Snapshot, Status
from notifier.procedures.revise import Change, ChangeKind, revise
from notifier.procedures.tables import change, procedure
from notifier.subscriptions.audience import Rhythms
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    RULES,
    VOICE,
    consultation,
    count,
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

MOVED = snapshot(
    meeting("ipac-1", date(2022, 9, 8)),
    consultation(date(2022, 10, 14), date(2022, 11, 11)),
    meeting("ipac-2", date(2023, 1, 12)),
    publication(date(2023, 5, 24)),
)
OPEN = snapshot(consultation(date(2022, 8, 20), date(2022, 9, 20)), number=1900)


async def _foresee(
    db: Database, found: Snapshot, *, now: datetime = BEGIN, silent: bool = False, new: bool = False
) -> dict[str, Foreseen]:
    known = None if new else await stored(db, found)
    changes = revise(known, found, today=RULES.local_date(now)).changes
    async with db.read() as conn:
        told = await people_told(conn, VOICE, known, found, changes, silent=silent, now=now)
    return {one.change.subject: one for one in told}


async def _three_rhythms(db: Database) -> None:
    for number, rhythm in enumerate((Rhythm.AT_ONCE, Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)):
        person = await follow(db, f"P{number}", preset=Preset.DEADLINES)
        async with db.write(Rank.WEB) as conn:
            mine = subscription.c.id == person.subscription_id
            await conn.execute(update(subscription).where(mine).values(rhythm=rhythm))


async def test_a_moved_date_counts_people_by_how_soon_their_mail_comes(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await _three_rhythms(db)
    found = await _foresee(db, MOVED)
    assert set(found) == {"publication"}
    assert found["publication"].told
    assert found["publication"].people == Rhythms(at_once=2, daily=1, weekly=1)


async def test_as_many_are_foreseen_as_are_mailed_at_once(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await _three_rhythms(db)
    foreseen = (await _foresee(db, MOVED))["publication"].people
    await read(db, MOVED, now=BEGIN)
    now = london(2022, 9, 1, 10)
    await sweep(db, now)
    await fan_out(db, now)
    assert len([row for row in await rows(db, delivery) if row["lane"] == Lane.AT_ONCE]) == foreseen.at_once


async def test_nothing_is_written_by_looking_ahead(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    before = [dict(row) for row in await rows(db, procedure)]
    await _foresee(db, MOVED)
    assert [dict(row) for row in await rows(db, procedure)] == before
    assert await count(db, change) == 0


async def test_a_moved_meeting_is_told_only_to_those_who_want_every_step(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", preset=Preset.DEADLINES)
    await follow(db, "Ben", preset=Preset.EVERY_STEP)
    later = tuple(
        meeting("ipac-2", date(2023, 2, 9)) if one.key == "ipac-2" else one for one in IP1783.milestones
    )
    found = await _foresee(db, replace(IP1783, milestones=later))
    assert found["ipac-2"].people == Rhythms(at_once=1)


async def test_rows_that_change_together_are_one_mail_to_the_same_people(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", preset=Preset.DEADLINES)
    both = tuple(
        meeting("ipac-2", date(2023, 2, 9)) if one.key == "ipac-2" else one for one in MOVED.milestones
    )
    found = await _foresee(db, replace(MOVED, milestones=both))
    assert found["ipac-2"].people == found["publication"].people == Rhythms(at_once=1)


async def test_a_label_that_changes_is_told_to_nobody(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    other = tuple(replace(one, label=one.label + " (new)") for one in IP1783.milestones)
    found = await _foresee(db, replace(IP1783, milestones=other))
    assert [(one.change.kind, one.told, one.people) for one in found.values()] == [
        (ChangeKind.DETAILS, False, Rhythms())
    ] * 4


async def test_a_label_beside_a_moved_date_is_still_told_to_nobody(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    both = tuple(replace(one, label="IPAC one") if one.key == "ipac-1" else one for one in MOVED.milestones)
    found = await _foresee(db, replace(MOVED, milestones=both))
    assert (found["ipac-1"].told, found["publication"].told) == (False, True)


async def test_what_goes_on_again_opens_nothing_that_began_meanwhile(db: Database) -> None:
    await read(db, in_status(IP1783, Status.SUSPENDED), now=BEGIN)
    await follow(db, "Ada", preset=Preset.OPENINGS)
    open_now = replace(IP1783, milestones=(consultation(date(2022, 8, 25), date(2022, 9, 23)),))
    found = await _foresee(db, open_now)
    assert found["status"].told
    assert found["consultation"].people == Rhythms()


async def test_a_suspended_procedure_tells_its_status_and_not_its_dates(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    found = await _foresee(db, in_status(MOVED, Status.SUSPENDED))
    assert found["status"].people == Rhythms(at_once=1)
    assert not found["publication"].told


async def test_a_publication_that_was_seen_is_news_and_a_meeting_that_was_is_not(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    now = london(2023, 3, 29, 10)
    happened = tuple(replace(one, state=MilestoneState.REACHED) for one in IP1783.milestones)
    keys = frozenset(one.key for one in happened)
    found = await _foresee(db, replace(IP1783, milestones=happened, stated=keys), now=now)
    assert found["publication"].people == Rhythms(at_once=1)
    assert not found["ipac-1"].told


async def test_a_new_procedure_inside_its_open_consultation_counts_the_opening(db: Database) -> None:
    await follow(db, "Ada", EVERYTHING, preset=Preset.DEADLINES)
    await follow(db, "Ben", procedure_topic(1))
    found = await _foresee(db, OPEN, new=True)
    assert found["listed"].told
    assert found["listed"].people == Rhythms(at_once=1)


async def test_the_first_load_of_a_source_is_silent(db: Database) -> None:
    await follow(db, "Ada")
    found = await _foresee(db, OPEN, new=True, silent=True)
    assert (found["listed"].told, found["listed"].people) == (False, Rhythms())


async def test_a_wholly_past_schedule_is_one_entry_even_in_a_first_load(db: Database) -> None:
    await follow(db, "Ada")
    found = await _foresee(db, IP1783, new=True, silent=True, now=london(2026, 11, 2))
    assert (found["listed"].told, found["listed"].people) == (True, Rhythms())


async def test_a_date_that_moves_into_the_present_counts_its_opening_too(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", preset=Preset.OPENINGS)
    sooner = snapshot(
        *(
            consultation(date(2022, 8, 25), date(2022, 9, 23)) if one.kind.spans else one
            for one in IP1783.milestones
        )
    )
    assert (await _foresee(db, sooner))["consultation"].people == Rhythms(at_once=1)


async def test_a_draft_is_told_to_nobody(db: Database) -> None:
    await read(db, replace(IP1783, draft=True), now=BEGIN)
    await follow(db, "Ada")
    found = await _foresee(db, replace(MOVED, draft=None))
    assert (found["publication"].told, found["publication"].people) == (False, Rhythms())


async def test_no_change_is_nobody(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    known = await stored(db)
    nothing: list[Change] = []
    async with db.read() as conn:
        assert await people_told(conn, VOICE, known, IP1783, nothing, silent=False, now=BEGIN) == ()
