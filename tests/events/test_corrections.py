"""An alert that was wrong is taken back from those who were sent it, once each, whatever they follow now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from notifier.delivery.model import DeliveryState, Letter
from notifier.delivery.tables import delivery
from notifier.events import amend, mailings, store
from notifier.events.expand import expand
from notifier.events.interest import Preset
from notifier.events.model import Event, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event, mailing, variant_event
from notifier.feeds.model import FeedEntry
from notifier.feeds.views import Publisher, feed_of
from notifier.procedures.model import Milestone, MilestoneState, Snapshot
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    MACHINE_NOW,
    RULES,
    VOICE,
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
from tests.events.words_cast import SERVICE
from tests.refusing import refusing

OPENING = london(2022, 10, 14)
NOON = london(2022, 10, 14, 12)
HALF_AN_HOUR = timedelta(minutes=30)
SETTLED = NOON + HALF_AN_HOUR
PLANNED = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)))
LATER = snapshot(consultation(date(2022, 10, 21), date(2022, 11, 18)))
LATER_STILL = snapshot(consultation(date(2022, 10, 28), date(2022, 11, 25)))
GONE = snapshot()
LONGER = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 25)))
PUBLISHER = Publisher(service=SERVICE, rules=RULES, since=datetime(2022, 1, 1, tzinfo=UTC))

Said = Mapping[str, EventKind]
"""What each person is told by a mail about one thing."""


async def _events(db: Database) -> list[Event]:
    return [event_of(row) for row in await rows(db, event)]


async def _kinds(db: Database) -> list[EventKind]:
    return [one.kind for one in await _events(db)]


async def _said(db: Database, letters: Sequence[Letter]) -> Said:
    """Return what letters say. Somebody who is written to twice, or told two things, fails."""
    query = (
        select(delivery.c.id, variant_event.c.event_seq)
        .join(variant_event, variant_event.c.variant_id == delivery.c.variant_id)
        .where(delivery.c.id.in_([one.delivery_id for one in letters]))
    )
    async with db.read() as conn:
        bound = (await conn.execute(query)).all()
        known = await store.load(conn, [row.event_seq for row in bound])
    kinds = {row.id: known[row.event_seq].kind for row in bound}
    found = {one.recipient.partition("@")[0]: kinds[one.delivery_id] for one in letters}
    assert len(found) == len(letters) == len(bound)
    return found


async def _taken(db: Database, letters: Sequence[Letter], now: datetime) -> None:
    """Note that the next server took these letters."""
    owners = {row["id"]: row["owner_id"] for row in await rows(db, delivery)}
    async with db.write(Rank.OUTCOMES) as conn:
        for one in letters:
            outcome = [(one.delivery_id, 250, "2.0.0 Taken")]
            assert await outbox.accept(conn, outcome, owner_id=owners[one.delivery_id], now=now) == 1


async def _sent(db: Database, now: datetime) -> Said:
    """Fan out and send what is ready. Return what each person was told."""
    await fan_out(db, now)
    letters = await claim_letters(db, now)
    await _taken(db, letters, now)
    return await _said(db, letters)


async def _told_to_open(db: Database, *names: str, preset: Preset = Preset.DEADLINES) -> list[Person]:
    """Tell these people, and nobody else, that comments are due to open."""
    people = [await follow(db, name, preset=preset) for name in names]
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    assert await _sent(db, OPENING) == dict.fromkeys(map(str.lower, names), EventKind.OPENED)
    return people


async def _change(db: Database, found: Snapshot = LATER, *, seen: datetime = NOON) -> Said:
    """Let the schedule change and the change settle. Return what each person was told of it."""
    await read(db, found, now=seen)
    await sweep(db, seen + HALF_AN_HOUR)
    return await _sent(db, seen + HALF_AN_HOUR)


async def test_who_was_told_gets_the_correction_and_everybody_else_the_change(db: Database) -> None:
    await _told_to_open(db, "Ada", "Ben")
    await follow(db, "Cleo", now=NOON)
    assert await _change(db) == {
        "ada": EventKind.CORRECTION,
        "ben": EventKind.CORRECTION,
        "cleo": EventKind.MOVED,
    }
    moments = [row for row in await rows(db, mailing) if row["kind"] == "moment"]
    assert len(moments) == 2  # the alert, and one for correction and change


async def test_the_mail_says_when_we_told_what_and_what_holds_instead(db: Database) -> None:
    await _told_to_open(db, "Ada")
    await read(db, LATER, now=NOON)
    await sweep(db, SETTLED)
    await fan_out(db, SETTLED)
    [letter] = await claim_letters(db, SETTLED)
    message = parse(letter.content)
    assert message["Subject"].startswith("Correction, not open yet: ")
    plain = " ".join(body(message, "plain").split())
    assert "We told you on 14 October 2022 that comments on" in plain
    assert "they did not, and NICE now gives 21 October to 18 November 2022." in plain


async def test_told_are_those_whose_mail_was_taken_or_is_on_its_way_or_may_have_been_taken(
    db: Database,
) -> None:
    for name in ("Ada", "Ben", "Cleo", "Dan"):
        await follow(db, name)
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    ada, _, cleo, dan = await claim_letters(db, OPENING)
    await _taken(db, [ada], OPENING)
    owners = {row["id"]: row["owner_id"] for row in await rows(db, delivery)}
    async with db.write(Rank.OUTCOMES) as conn:
        lost = {"doubtful": True, "code": None, "reply": "lost after the dot", "now": OPENING}
        refused = {"code": 550, "reply": "5.7.1 No", "now": OPENING}
        later = MACHINE_NOW + timedelta(minutes=15)
        assert await outbox.retry(conn, cleo, owner_id=owners[cleo.delivery_id], next_at=later, **lost)
        assert await outbox.fail(conn, dan, owner_id=owners[dan.delivery_id], **refused)
    assert await _change(db) == {
        "ada": EventKind.CORRECTION,
        "ben": EventKind.CORRECTION,
        "cleo": EventKind.CORRECTION,
        "dan": EventKind.MOVED,
    }


async def test_told_is_also_whose_mail_a_process_had_in_hand_when_it_died(db: Database) -> None:
    for name in ("Ada", "Ben"):
        await follow(db, name)
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    assert len(await claim_letters(db, OPENING)) == 2
    async with db.write(Rank.OUTCOMES) as conn:
        await owners.expire_all(conn, machine_now=MACHINE_NOW)
        assert await owners.take_back(conn, machine_now=MACHINE_NOW + owners.LEASE) == 2
    assert await _change(db) == {"ada": EventKind.CORRECTION, "ben": EventKind.CORRECTION}


async def test_who_follows_it_in_another_way_by_now_still_gets_the_correction(db: Database) -> None:
    [ada] = await _told_to_open(db, "Ada")
    await end(db, ada, now=OPENING)
    await follow(db, "Ada", EVERYTHING, preset=Preset.OPENINGS, now=OPENING)
    assert await _change(db) == {"ada": EventKind.CORRECTION}


async def test_who_stopped_its_alerts_gets_none_though_they_follow_something_else(db: Database) -> None:
    [ada] = await _told_to_open(db, "Ada")
    other = await read(db, snapshot(number=2), now=BEGIN)
    await end(db, ada, now=OPENING)
    await follow(db, "Ada", procedure_topic(other.procedure_id), now=OPENING)
    assert await _change(db) == {}


async def test_who_follows_openings_alone_gets_the_correction_but_never_the_change(db: Database) -> None:
    await _told_to_open(db, "Ada", preset=Preset.OPENINGS)
    await follow(db, "Ben", preset=Preset.OPENINGS, now=NOON)
    assert await _change(db) == {"ada": EventKind.CORRECTION}


async def test_who_follows_nothing_any_more_gets_nothing(db: Database) -> None:
    ada, _ = await _told_to_open(db, "Ada", "Ben")
    await end(db, ada, now=OPENING)
    assert await _change(db) == {"ben": EventKind.CORRECTION}


async def test_who_stops_everything_between_the_fan_out_and_the_sending_gets_nothing(db: Database) -> None:
    [ada] = await _told_to_open(db, "Ada")
    await read(db, LATER, now=NOON)
    await sweep(db, SETTLED)
    assert await fan_out(db, SETTLED) == 1
    await end(db, ada, now=SETTLED)
    assert await claim_letters(db, SETTLED) == []


async def test_an_alert_that_is_not_sent_yet_is_not_sent_any_more(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    assert await _change(db) == {"ada": EventKind.MOVED}
    assert [row["state"] for row in await rows(db, delivery)] == [
        DeliveryState.CANCELLED,
        DeliveryState.ACCEPTED,
    ]


async def test_a_change_of_the_evening_is_corrected_in_the_morning_to_whoever_is_still_there(
    db: Database,
) -> None:
    ada, _ = await _told_to_open(db, "Ada", "Ben")
    evening = london(2022, 10, 14, 21)
    assert await _change(db, seen=evening) == {}
    await end(db, ada, now=evening)
    assert await _sent(db, london(2022, 10, 15)) == {"ben": EventKind.CORRECTION}


async def test_a_crash_between_two_chunks_of_a_correction_doubles_and_loses_nobody(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "CHUNK", 1)
    people = await _told_to_open(db, "Ada", "Ben", "Cleo", "Dan", "Eve")
    for one in people[2:]:  # whose ids are the highest, and who follow it in another way by now
        await end(db, one, now=OPENING)
        await follow(db, one.name, EVERYTHING, preset=Preset.OPENINGS, now=OPENING)
    await read(db, LATER, now=NOON)
    await sweep(db, SETTLED)
    assert await expand(db, now=SETTLED, machine_now=MACHINE_NOW) == 1
    async with refusing(db, "delivery"):
        with pytest.raises(DBAPIError, match="disk full"):
            await expand(db, now=SETTLED, machine_now=MACHINE_NOW)
    told = await _sent(db, SETTLED)
    assert told == dict.fromkeys(("ada", "ben", "cleo", "dan", "eve"), EventKind.CORRECTION)
    assert await _sent(db, SETTLED + HALF_AN_HOUR) == {}


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        pytest.param(london(2022, 10, 28, 8, 45), EventKind.CORRECTION, id="within 14 days, told after them"),
        pytest.param(london(2022, 10, 28, 9, 15), EventKind.MOVED, id="later than 14 days"),
    ],
)
async def test_a_wrong_alert_is_taken_back_for_fourteen_days(
    db: Database, seen: datetime, kind: EventKind
) -> None:
    await _told_to_open(db, "Ada")
    found = snapshot(consultation(date(2022, 11, 4), date(2022, 12, 2)))
    assert await _change(db, found, seen=seen) == {"ada": kind}


async def test_a_date_that_is_removed_is_taken_back_too(db: Database) -> None:
    await _told_to_open(db, "Ada")
    assert await _change(db, GONE) == {"ada": EventKind.CORRECTION}


async def test_a_new_day_that_came_while_the_service_was_down_is_corrected_all_the_same(
    db: Database,
) -> None:
    await _told_to_open(db, "Ada", preset=Preset.OPENINGS)
    await read(db, LATER, now=NOON)
    up_again = london(2022, 10, 24)
    await sweep(db, up_again)
    assert await _kinds(db) == [EventKind.OPENED, EventKind.OPENED, EventKind.CORRECTION, EventKind.MOVED]


async def test_a_day_that_moves_into_the_past_takes_nothing_back(db: Database) -> None:
    await _told_to_open(db, "Ada")
    await read(db, snapshot(consultation(date(2022, 10, 13), date(2022, 11, 11))), now=NOON)
    await sweep(db, SETTLED)
    assert EventKind.CORRECTION not in await _kinds(db)


async def test_more_time_is_no_correction(db: Database) -> None:
    await _told_to_open(db, "Ada")
    assert await _change(db, LONGER) == {"ada": EventKind.EXTENDED}


async def test_a_consultation_that_takes_comments_again_is_told_to_everybody(db: Database) -> None:
    for preset in Preset:
        await follow(db, preset.value, preset=preset)
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, london(2022, 11, 11, 17))
    await _sent(db, london(2022, 11, 12))
    assert await _change(db, LONGER, seen=london(2022, 11, 14)) == dict.fromkeys(
        ("deadlines", "openings", "every-step"), EventKind.REOPENED
    )


async def test_more_time_that_was_seen_on_the_last_day_is_more_time_though_told_after_midnight(
    db: Database,
) -> None:
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    await read(db, LONGER, now=london(2022, 11, 11, 23, 50))
    await sweep(db, london(2022, 11, 12, 0, 20))
    assert (await _kinds(db))[-1] is EventKind.EXTENDED


async def test_what_was_announced_as_confirmed_is_not_taken_back_when_it_moves(db: Database) -> None:
    await follow(db, "Ada")
    opened: Milestone = replace(PLANNED.milestones[0], state=MilestoneState.REACHED)
    await read(db, PLANNED, now=BEGIN)
    seen_open = replace(PLANNED, milestones=(opened,), stated=frozenset({opened.key}))
    await read(db, seen_open, now=london(2022, 10, 14, 8))
    await sweep(db, OPENING)
    assert await _sent(db, OPENING) == {"ada": EventKind.OPENED}
    assert await _change(db, replace(LATER, stated=frozenset({opened.key}))) == {"ada": EventKind.MOVED}


async def test_two_alerts_of_one_procedure_are_both_taken_back_each_person_once(db: Database) -> None:
    milestones = (PLANNED.milestones[0], meeting("ipac-1", date(2022, 10, 17)))
    await follow(db, "Ada", preset=Preset.EVERY_STEP)
    await read(db, snapshot(*milestones), now=BEGIN)
    await sweep(db, OPENING)
    assert await _sent(db, OPENING) == {"ada": EventKind.OPENED}
    ben = await follow(db, "Ben", preset=Preset.EVERY_STEP, now=NOON)
    monday = london(2022, 10, 17)
    await sweep(db, monday)
    assert await _sent(db, monday) == {"ada": EventKind.MEETING, "ben": EventKind.MEETING}
    await end(db, ben, now=monday)
    await follow(db, "Ben", preset=Preset.OPENINGS, now=monday)
    both = snapshot(LATER.milestones[0], meeting("ipac-1", date(2022, 10, 31)))
    assert await _change(db, both, seen=london(2022, 10, 17, 12)) == {
        "ada": EventKind.CORRECTION,
        "ben": EventKind.CORRECTION,
    }


async def test_an_alert_is_taken_back_once_and_moving_on_is_a_change(db: Database) -> None:
    await _told_to_open(db, "Ada")
    assert await _change(db) == {"ada": EventKind.CORRECTION}
    assert await _change(db, LATER_STILL, seen=london(2022, 10, 17)) == {"ada": EventKind.MOVED}


async def test_the_next_alert_of_the_same_date_can_be_taken_back_as_well(db: Database) -> None:
    await _told_to_open(db, "Ada")
    assert await _change(db) == {"ada": EventKind.CORRECTION}
    await sweep(db, london(2022, 10, 21))
    assert await _sent(db, london(2022, 10, 21)) == {"ada": EventKind.OPENED}
    assert await _change(db, LATER_STILL, seen=london(2022, 10, 21, 12)) == {"ada": EventKind.CORRECTION}


async def test_a_publication_that_did_not_come_is_corrected(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, snapshot(publication(date(2023, 3, 29))), now=BEGIN)
    await sweep(db, london(2023, 3, 29))
    assert await _sent(db, london(2023, 3, 29)) == {"ada": EventKind.EXPECTED}
    found = snapshot(publication(date(2023, 5, 24)))
    assert await _change(db, found, seen=london(2023, 3, 29, 12)) == {"ada": EventKind.CORRECTION}


async def _entries(db: Database) -> tuple[FeedEntry, ...]:
    """Return the feed of the procedure, newest entry first."""
    found = await stored(db, PLANNED)
    async with db.read() as conn:
        newest = await store.latest(conn, procedure_topic(found.id), limit=50)
    return feed_of(PUBLISHER, found, newest, first_seen_at=BEGIN).entries


async def test_the_entry_that_was_wrong_says_so_and_keeps_its_id(db: Database) -> None:
    await _told_to_open(db, "Ada")
    [before] = await _entries(db)
    await _change(db)
    correction, after = await _entries(db)
    assert (after.id, after.published, after.updated) == (before.id, before.published, SETTLED)
    assert after.title == f"Corrected: {before.title}"
    assert correction.title.startswith("Correction")
    assert "21 October to 18 November 2022" in correction.html


async def _corrected_by_hand(db: Database, note: str, now: datetime, *, seq: int = 1) -> int:
    async with db.write(Rank.WEB) as conn:
        return await amend.correct(conn, VOICE, seq, note, now=now)


async def test_an_operator_takes_an_alert_back_in_words_of_their_own(db: Database) -> None:
    await _told_to_open(db, "Ada", "Ben")
    await follow(db, "Cleo", now=NOON)
    [before] = await _entries(db)
    assert await _corrected_by_hand(db, "The dates were those of IP1784.", NOON) == 2
    await fan_out(db, NOON)
    letters = await claim_letters(db, NOON)
    assert await _said(db, letters) == dict.fromkeys(("ada", "ben"), EventKind.CORRECTION)
    for letter in letters:
        assert "“The dates were those of IP1784.”" in " ".join(body(parse(letter.content), "plain").split())
    correction, after = await _entries(db)
    assert (after.id, after.title) == (before.id, f"Corrected: {before.title}")
    assert "The dates were those of IP1784." in correction.html


async def test_an_operator_keeps_an_alert_from_whoever_it_has_not_reached(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, PLANNED, now=BEGIN)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    assert await _corrected_by_hand(db, "It does not open.", OPENING) == 0
    assert await _sent(db, OPENING) == {}


async def test_an_operator_corrects_an_alert_a_second_time(db: Database) -> None:
    await _told_to_open(db, "Ada")
    assert await _corrected_by_hand(db, "It opens on 20 October.", NOON) == 1
    assert await _sent(db, NOON) == {"ada": EventKind.CORRECTION}
    assert await _corrected_by_hand(db, "It opens on 21 October, not 20.", SETTLED) == 1
    assert await _sent(db, SETTLED) == {"ada": EventKind.CORRECTION}
    _, _, entry = await _entries(db)
    assert entry.title.count("Corrected:") == 1


async def test_what_an_operator_took_back_is_an_ordinary_change_when_it_moves(db: Database) -> None:
    await _told_to_open(db, "Ada")
    await _corrected_by_hand(db, "It does not open today.", NOON)
    assert await _sent(db, NOON) == {"ada": EventKind.CORRECTION}
    assert await _change(db, seen=london(2022, 10, 14, 14)) == {"ada": EventKind.MOVED}


async def test_there_is_nothing_to_correct_in_an_event_that_never_was(db: Database) -> None:
    with pytest.raises(LookupError, match="no event 7"):
        await _corrected_by_hand(db, "No.", NOON, seq=7)
