"""Digests: what somebody wants daily or weekly waits for its slot, and comes once."""

from datetime import date, datetime, timedelta

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.delivery.model import Lane
from notifier.delivery.tables import delivery
from notifier.events.digests import close_slots, next_closing
from notifier.events.interest import Preset
from notifier.events.model import EventKind
from notifier.events.tables import event, gathered, mailing
from notifier.events.told import treat_as_told
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    RULES,
    Person,
    claim_letters,
    consultation,
    end,
    fan_out,
    follow,
    london,
    meeting,
    publication,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)
from tests.events.mail_reader import body
from tests.events.mail_reader import read as parse

OPENING = london(2022, 10, 14)
MONDAY = london(2022, 10, 17)


async def _day(db: Database, now: datetime) -> list[str]:
    """Sweep, fan out and send at an instant. Return "who: lead of the subject" of each letter."""
    await sweep(db, now)
    await fan_out(db, now)
    return [
        f"{one.recipient.partition('@')[0]}: {str(parse(one.content)['Subject']).rpartition(': ')[0]}"
        for one in await claim_letters(db, now)
    ]


async def _known(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)


async def test_the_news_of_nine_is_in_the_daily_mail_of_nine(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    assert await _day(db, OPENING) == ["ada: Due to open today"]
    [row] = await rows(db, delivery)
    assert row["lane"] == Lane.DIGESTS
    assert {one["slot_key"] for one in await rows(db, mailing)} >= {"daily:2022-10-14", "weekly:2022-10-10"}


async def test_what_happens_after_nine_comes_the_next_morning_once(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await _day(db, london(2022, 11, 11))
    assert await _day(db, london(2022, 11, 11, 17)) == []
    assert await _day(db, london(2022, 11, 12)) == ["ada: Comments closed"]
    assert await _day(db, london(2022, 11, 13)) == []


async def test_a_weekly_reader_hears_on_monday_what_the_week_brought(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    assert await _day(db, OPENING) == []
    [letter] = await _monday_letters(db)
    text = body(parse(letter), "plain")
    assert "Your weekly alerts of Monday 17 October 2022." in text
    assert "Comments on" in text
    assert "Open now" in text
    assert "Consultation, until Friday 11 November 2022" in text


async def _monday_letters(db: Database) -> list[bytes]:
    await sweep(db, MONDAY)
    await fan_out(db, MONDAY)
    return [one.content for one in await claim_letters(db, MONDAY)]


async def test_a_weekly_reader_hears_of_a_meeting_that_is_over(db: Database) -> None:
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8))), now=BEGIN)
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    assert await _day(db, london(2022, 9, 8)) == []
    assert await _day(db, london(2022, 9, 12)) == ["ada: IPAC-1 listed for 8 Sep"]


async def test_reminders_come_at_once_whatever_the_rhythm(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    await _day(db, MONDAY)
    assert await _day(db, london(2022, 11, 4)) == ["ada: 7 days left to comment"]
    assert await rows(db, gathered) == [] or all(one["mailing_id"] for one in await rows(db, gathered))


async def test_an_empty_slot_mails_nobody(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    assert await _day(db, london(2022, 10, 12)) == []
    assert await rows(db, delivery) == []


async def test_the_fastest_rhythm_decides_for_each_event(db: Database) -> None:
    """Ada follows everything daily and one procedure at once: each event comes once, in its own rhythm."""
    await _known(db)
    other = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)), number=1842, title="Another one")
    await read(db, other, now=BEGIN)
    one = procedure_topic((await stored(db)).id)
    await follow(db, "Ada", EVERYTHING, rhythm=Rhythm.DAILY)
    await follow(db, "Ada", one)
    told = await _day(db, OPENING)
    assert sorted(told) == [
        "ada: Due to open today",
        "ada: Due to open today",
    ]
    assert await _day(db, london(2022, 10, 15)) == []


async def test_after_downtime_one_digest_has_all_that_waited(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await _day(db, london(2022, 10, 13))
    now = london(2022, 10, 16, 14)
    assert await _day(db, now) == ["ada: Late: comment by 11 Nov"]
    days = [one["slot_key"] for one in await rows(db, mailing) if one["kind"] == "daily"]
    assert days == ["daily:2022-10-13", "daily:2022-10-16"]
    assert await _day(db, now + timedelta(hours=1)) == []
    assert await _day(db, london(2022, 10, 17)) == []


async def test_a_slot_waits_for_what_is_still_to_be_said(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    assert await close_slots(db, RULES, now=OPENING) == 0
    assert [one for one in await rows(db, mailing) if one["kind"] == "daily"] == []
    await sweep(db, OPENING)
    assert await close_slots(db, RULES, now=OPENING) == 0  # not yet fanned out
    assert await fan_out(db, OPENING) == 1


async def test_a_change_of_the_night_comes_with_the_mail_of_the_morning(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    moved = snapshot(
        meeting("ipac-1", date(2022, 9, 8)),
        consultation(date(2022, 10, 14), date(2022, 11, 11)),
        meeting("ipac-2", date(2023, 1, 12)),
        publication(date(2023, 5, 24)),
    )
    await read(db, moved, now=london(2022, 10, 3, 21))
    await _day(db, london(2022, 10, 3, 22))
    assert await _day(db, london(2022, 10, 4)) == ["ada: Publication now 24 May"]


async def test_who_changes_to_daily_gets_what_is_queued_in_the_digest(db: Database) -> None:
    await _known(db)
    ada = await follow(db, "Ada")
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    await _set_rhythm(db, ada, Rhythm.DAILY)
    assert await claim_letters(db, OPENING) == []
    assert await _day(db, london(2022, 10, 15)) == ["ada: Comment by 11 Nov"]


async def test_who_changes_to_at_once_gets_what_was_gathered_only_in_its_digest(db: Database) -> None:
    await _known(db)
    ada = await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await _day(db, london(2022, 11, 11))
    await sweep(db, london(2022, 11, 11, 17))
    await fan_out(db, london(2022, 11, 11, 17))
    await _set_rhythm(db, ada, Rhythm.AT_ONCE)
    assert await claim_letters(db, london(2022, 11, 11, 18)) == []
    assert len(await _day(db, london(2022, 11, 12))) == 1


async def test_who_stops_gets_no_digest(db: Database) -> None:
    await _known(db)
    ada = await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    await end(db, ada, now=OPENING)
    assert await claim_letters(db, OPENING) == []


async def test_openings_only_are_gathered_as_chosen(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", preset=Preset.OPENINGS, rhythm=Rhythm.DAILY)
    assert await _day(db, london(2022, 9, 8)) == []
    assert len(await _day(db, OPENING)) == 1


async def test_who_was_told_by_digest_gets_the_correction_at_once(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    assert len(await _day(db, OPENING)) == 1
    moved = snapshot(
        meeting("ipac-1", date(2022, 9, 8)),
        consultation(date(2022, 10, 21), date(2022, 11, 18)),
        meeting("ipac-2", date(2023, 1, 12)),
        publication(date(2023, 3, 29)),
    )
    await _accepted(db)
    await read(db, moved, now=london(2022, 10, 14, 11))
    assert await _day(db, london(2022, 10, 14, 12)) == ["ada: Correction, not open yet"]
    assert await _day(db, london(2022, 10, 15)) == []


async def test_who_was_not_told_yet_gets_only_the_new_date(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    await follow(db, "Ben")
    assert await _day(db, OPENING) == ["ben: Due to open today"]
    await _accepted(db)
    moved = snapshot(
        meeting("ipac-1", date(2022, 9, 8)),
        consultation(date(2022, 10, 21), date(2022, 11, 18)),
        meeting("ipac-2", date(2023, 1, 12)),
        publication(date(2023, 3, 29)),
    )
    await read(db, moved, now=london(2022, 10, 14, 11))
    assert await _day(db, london(2022, 10, 14, 12)) == ["ben: Correction, not open yet"]
    [told] = await _day(db, MONDAY)
    assert told.startswith("ada: ")
    assert "Correction" not in told
    kinds = {one["seq"]: one["kind"] for one in await rows(db, event)}
    assert EventKind.CORRECTION in kinds.values()


async def test_the_alarm_is_set_for_the_next_slot_that_somebody_waits_for(db: Database) -> None:
    async with db.read() as conn:
        assert await next_closing(conn, RULES, now=OPENING) is None
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    async with db.read() as conn:
        assert await next_closing(conn, RULES, now=OPENING) == MONDAY
    await follow(db, "Ben", rhythm=Rhythm.DAILY)
    async with db.read() as conn:
        assert await next_closing(conn, RULES, now=OPENING) == london(2022, 10, 15)


async def test_what_counts_as_told_is_in_no_digest(db: Database) -> None:
    await _known(db)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await sweep(db, london(2022, 11, 11, 17))
    await fan_out(db, london(2022, 11, 11, 8))
    await fan_out(db, london(2022, 11, 11, 17))
    async with db.write(Rank.WEB) as conn:
        await treat_as_told(conn, london(2022, 11, 11, 18), now=london(2022, 11, 11, 18))
    assert await _day(db, london(2022, 11, 12)) == []


async def _set_rhythm(db: Database, who: Person, rhythm: Rhythm) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(
            update(subscription).where(subscription.c.id == who.subscription_id).values(rhythm=rhythm)
        )


async def _accepted(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(delivery).where(delivery.c.state == "sending").values(state="accepted"))
