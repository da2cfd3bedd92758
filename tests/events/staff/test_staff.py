"""The staff letter, the outlook and the receipt: when they are written, what they say, and to whom."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from notifier import holds
from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.tables import delivery
from notifier.events import hand
from notifier.events.interest import Preset
from notifier.events.staff.store import words_of
from notifier.events.tables import mailing, staff_letter
from notifier.hold_kinds import HoldKind
from notifier.procedures.hand import Hand
from notifier.procedures.model import Dates, Precision
from notifier.procedures.tables import source
from notifier.settings import Staff
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscriber
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    VOICE,
    claim_letters,
    consultation,
    count,
    fan_out,
    follow,
    london,
    publication,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.events.staff.staff_cast import SAM, STAFF, claim, parsed, plain, write

THURSDAY = london(2022, 10, 13, 15)
MONDAY = london(2022, 10, 10, 15)


async def test_the_day_before_something_is_due_staff_are_told_what_and_to_how_many(db: Database) -> None:
    await follow(db, "Ada")
    await follow(db, "Ben", preset=Preset.OPENINGS)
    await read(db, IP1783, now=BEGIN)
    assert await write(db, THURSDAY) == ["staff:2022-10-13"]
    [letter] = await claim(db, THURSDAY)
    assert letter.recipient == SAM
    assert parsed(letter)["Subject"] == "Tomorrow, 14 Oct: IP1783 opens for comment, 2 people"
    said = plain(letter)
    assert said.startswith("1 alert is due tomorrow, Friday 14 October 2022.\n")
    assert "  Tomorrow at 9am: IP1783 opens for comment, 2 people.\n" in said
    assert 'notifier procedure hold GID-IPG1783 consultation --reason "…"' in said


async def test_a_letter_is_written_once_however_often_it_is_asked_for(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    other = Database(db.url)
    try:
        found = await asyncio.gather(*(write(one, THURSDAY) for one in (db, other) * 3))
    finally:
        await other.dispose()
    assert sum(map(len, found)) == 1
    assert await write(db, THURSDAY + timedelta(hours=1)) == []
    assert await count(db, staff_letter) == 1
    assert await count(db, delivery) == 1


async def test_nothing_is_written_when_nothing_is_due_or_nobody_is_named(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    assert await write(db, london(2022, 10, 12, 15)) == []
    assert await write(db, THURSDAY, staff=Staff()) == []
    assert await count(db, staff_letter) == 0


async def test_a_held_instance_writes_to_nobody(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.write(Rank.WEB) as conn:
        await holds.put(conn, HoldKind.ADDRESS, "This may be a copy.", machine_now=MACHINE_NOW)
    assert await write(db, THURSDAY) == []


async def test_each_address_gets_a_letter_of_its_own_once(db: Database) -> None:
    staff = STAFF.model_copy(update={"addresses": (SAM, "kim@charity.example", SAM)})
    await read(db, IP1783, now=BEGIN)
    await write(db, THURSDAY, staff=staff)
    await write(db, london(2022, 11, 3, 15), staff=staff)
    assert await count(db, delivery) == 4
    kept = [(row["channel"], row["address_key"]) for row in await rows(db, subscriber)]
    assert kept == [("staff", f"staff:{SAM}"), ("staff", "staff:kim@charity.example")]


async def test_a_staff_address_that_follows_too_stays_two(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await write(db, THURSDAY, staff=STAFF.model_copy(update={"addresses": ("ada@example.org",)}))
    assert len(await rows(db, subscriber)) == 2


async def test_what_is_held_is_told_as_held_with_how_to_release_it(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await hand.hold(
        db, VOICE, IP1783.reference, "consultation", by=Hand(by="Cora", reason="not sure", at=BEGIN)
    )
    await write(db, THURSDAY)
    [letter] = await claim(db, THURSDAY)
    assert "IP1783 opens for comment, nobody (held)." in plain(letter)
    assert "notifier procedure release GID-IPG1783 consultation" in plain(letter)


async def test_several_alerts_are_counted_in_the_subject(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await read(db, snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)), number=2), now=BEGIN)
    await write(db, THURSDAY)
    [letter] = await claim(db, THURSDAY)
    assert parsed(letter)["Subject"] == "Tomorrow, 14 Oct: 2 alerts"


async def test_on_a_friday_the_weekend_and_monday_are_told_by_their_names(db: Database) -> None:
    await read(db, snapshot(consultation(date(2022, 10, 17), date(2022, 11, 11))), now=BEGIN)
    friday = london(2022, 10, 14, 15)
    assert await write(db, friday) == ["staff:2022-10-14"]
    [letter] = await claim(db, friday)
    assert parsed(letter)["Subject"] == "Until 17 Oct: IP1783 opens for comment, nobody"
    assert "Monday 17 October 2022 at 9am: IP1783 opens for comment" in plain(letter)


async def test_monday_brings_an_outlook_with_what_needs_an_eye(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    month = Dates(start=date(2022, 10, 1), precision=Precision.MONTH, as_written="October 2022")
    vague = replace(publication(date(2022, 10, 1)), dates=month)
    await read(db, snapshot(vague, number=2), now=BEGIN)
    await read(db, snapshot(publication(date(2022, 9, 20)), number=3), now=BEGIN)
    held = Hand(by="Cora", reason="not sure", at=BEGIN)
    await hand.hold(db, VOICE, IP1783.reference, "ipac-2", by=held)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(
            insert(source).values(
                key="web:ip1783",
                read_at=london(2022, 10, 8, 8, 55),
                failing_since=london(2022, 10, 9, 8, 55),
                problem="it answered 503",
            )
        )
    assert await write(db, MONDAY) == ["outlook:2022-10-10"]
    [letter] = await claim(db, MONDAY)
    said = " ".join(plain(letter).split())
    for part in (
        "1 alert is due in the 14 days to Monday 24 October 2022.",
        "Friday 14 October 2022 at 9am: IP1783 opens for comment, nobody.",
        "Held, so that nobody is told IP1783: IPAC-2, Thursday 12 January 2023.",
        "notifier procedure release GID-IPG1783 ipac-2",
        "web:ip1783: since 8:55am on 9 October 2022, last read at 8:55am on 8 October 2022 "
        "(it answered 503).",
        "IP2: Expected publication, October 2022, day not set.",
        "IP3: Expected publication, Tuesday 20 September 2022.",
        "notifier procedure confirm GID-IPG3 publication",
    ):
        assert part in said


async def test_a_quiet_week_has_an_outlook_too(db: Database) -> None:
    assert await write(db, MONDAY) == ["outlook:2022-10-10"]
    [letter] = await claim(db, MONDAY)
    assert plain(letter).startswith("Nothing is due in the 14 days to Monday 24 October 2022.\n")


RECEIPTS = STAFF.model_copy(update={"receipts": True})
AFTER = london(2022, 9, 8, 9, 3)


async def _sent(db: Database) -> None:
    """Announce a meeting to four people, of whom none was mailed yet."""
    for name in ("Ada", "Ben", "Cleo", "Dee"):
        await follow(db, name)
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    await fan_out(db, london(2022, 9, 8))


async def _end(db: Database, *states: DeliveryState, attempts: int = 1) -> None:
    async with db.write(Rank.OUTCOMES) as conn:
        for row, state in zip(await rows(db, delivery), states, strict=True):
            values = {"state": state, "attempts": attempts, "done_at": AFTER}
            await conn.execute(update(delivery).where(delivery.c.id == row["id"]).values(values))


ALL_ENDED = (
    DeliveryState.ACCEPTED,
    DeliveryState.ACCEPTED,
    DeliveryState.PENDING,
    DeliveryState.FAILED,
)


async def test_a_mailing_has_its_receipt_when_each_mail_was_tried(sqlite_db: Database) -> None:
    await _sent(sqlite_db)
    assert await write(sqlite_db, AFTER, staff=RECEIPTS) == []
    await _end(sqlite_db, *ALL_ENDED)
    [slot] = await write(sqlite_db, AFTER, staff=RECEIPTS)
    assert slot.startswith("receipt:")
    words = words_of((await rows(sqlite_db, staff_letter))[0]["body"])
    assert words.lead == "4 queued, 2 accepted by 9:03am, 1 waiting, 1 refused."
    assert words.sections[0].items[0].text.endswith("(IP1783)")
    assert await write(sqlite_db, AFTER, staff=RECEIPTS) == []


async def test_a_digest_has_a_receipt_that_names_what_its_mails_held(db: Database) -> None:
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    await fan_out(db, london(2022, 9, 8))
    assert len(await claim_letters(db, london(2022, 9, 8))) == 1
    await _end(db, DeliveryState.ACCEPTED)
    assert len(await write(db, AFTER, staff=RECEIPTS)) == 1
    [letter] = await rows(db, staff_letter)
    assert letter["subject"] == "Sent, 1 of 1 accepted: daily mail with 1 alert"
    assert words_of(letter["body"]).sections[0].items[0].text.endswith("(IP1783)")


async def test_a_receipt_does_not_wait_for_ever(db: Database) -> None:
    await _sent(db)
    assert await write(db, AFTER + timedelta(minutes=56), staff=RECEIPTS) == []
    assert len(await write(db, AFTER + timedelta(minutes=57), staff=RECEIPTS)) == 1


async def test_old_mailings_staff_letters_and_replies_have_no_receipt(db: Database) -> None:
    await _sent(db)
    assert await write(db, london(2022, 9, 9, 9), staff=RECEIPTS) == []
    assert await write(db, MONDAY, staff=RECEIPTS) == ["outlook:2022-10-10"]
    assert await write(db, MONDAY + timedelta(hours=2), staff=RECEIPTS) == []


async def test_a_mailing_that_is_still_fanned_out_has_no_receipt_yet(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    assert await write(db, london(2022, 9, 8, 11), staff=RECEIPTS) == []


async def test_receipts_can_be_switched_off(db: Database) -> None:
    await _sent(db)
    assert await write(db, london(2022, 9, 8, 11)) == []


async def test_a_staff_mailing_is_one_of_its_kind_in_the_lane_of_alerts(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await write(db, THURSDAY)
    [found] = [row for row in await rows(db, mailing) if row["kind"] == "staff"]
    assert (found["slot_key"], found["lane"], found["not_before"]) == (
        "staff:2022-10-13",
        Lane.AT_ONCE,
        THURSDAY,
    )


@pytest.mark.parametrize("hour", [15, 20])
async def test_a_letter_can_be_late_on_its_own_day(db: Database, hour: int) -> None:
    await read(db, IP1783, now=BEGIN)
    assert await write(db, london(2022, 10, 13, hour)) == ["staff:2022-10-13"]
