"""Who was told of an event, read from real mailings: each person once, each attempt, and why not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from notifier import holds
from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.events import store
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.events.model import Event
from notifier.events.proof import records
from notifier.events.proof.answers import Answer, Case
from notifier.events.proof.facts import Asking, read_facts
from notifier.events.proof.finding import ProofError, find_event
from notifier.events.proof.listing import listing, opening
from notifier.events.proof.mailings import mailings_of
from notifier.events.proof.model import Person
from notifier.events.proof.portrait import portraits
from notifier.events.proof.why import why
from notifier.events.tables import event
from notifier.hold_kinds import HoldKind
from notifier.subscriptions import address_change as address_changes
from notifier.subscriptions import course
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.model import EndReason, Rhythm
from notifier.subscriptions.retention import forget
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import address_change, bounce, subscriber, subscription
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    RULES,
    SIGNER,
    ask,
    claim_letters,
    confirm,
    end,
    fan_out,
    follow,
    london,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)
from tests.events.proof.proof_cast import GREYLISTED, LOST, UNKNOWN, send

MEETING = london(2022, 9, 8)
SENT = MEETING + timedelta(seconds=7)
A_MINUTE = timedelta(minutes=1)


async def _the_event(db: Database, seq: int = 1) -> Event:
    async with db.read() as conn:
        return (await store.load(conn, [seq]))[seq]


async def _announced(db: Database) -> Event:
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    return await _the_event(db)


async def _people(db: Database) -> list[Person]:
    event_ = await _the_event(db)
    return [one async for page in records.people(db, event_, RULES, now=SENT) for one in page]


async def _why(db: Database, name: str, seq: int = 1) -> Answer:
    async with db.read() as conn:
        found = await find_event(conn, str(seq))
        return why(await read_facts(conn, found, f"{name}@example.org", _asking()))


async def _listed(db: Database) -> Answer:
    """Return what is said of the only person in the list."""
    event_, asking = await _the_event(db), _asking()
    async with db.read() as conn:
        head = await opening(conn, event_, asking)
    [[entry]] = [page async for page in listing(db, event_, head, asking)]
    return entry.answer


def _asking() -> Asking:
    return Asking(
        signer=SIGNER, rules=RULES, relay="smtp.relay", now=SENT + A_MINUTE, machine_now=MACHINE_NOW
    )


async def test_each_person_comes_with_when_they_were_queued_and_each_attempt(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    for name in ("Ada", "Ben", "Cleo", "Dan"):
        await follow(db, name)
    await _announced(db)
    await send(db, SENT, {"ben": GREYLISTED, "cleo": UNKNOWN, "dan": LOST})
    await send(db, SENT + A_MINUTE, {"dan": LOST}, machine_now=MACHINE_NOW + timedelta(hours=1))
    found = {str(one.address).partition("@")[0]: one.sendings[0] for one in await _people(db)}
    told = {
        name: (one.state.value, [(each.n, each.code) for each in one.attempts]) for name, one in found.items()
    }
    assert told == {
        "ada": ("accepted", [(1, 250)]),
        "ben": ("accepted", [(1, 451), (2, 250)]),
        "cleo": ("failed", [(1, 550)]),
        "dan": ("pending", [(1, None), (2, None)]),
    }
    assert {one.queued_at for one in found.values()} == {MEETING}
    assert [each.at for each in found["ben"].attempts] == [SENT, SENT + A_MINUTE]
    assert found["dan"].doubtful == 2


async def test_people_are_read_a_page_at_a_time_and_none_is_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PAGE", 2)
    await read(db, IP1783, now=BEGIN)
    for number in range(5):
        await follow(db, f"Reader{number}")
    event_ = await _announced(db)
    pages = [page async for page in records.people(db, event_, RULES, now=SENT)]
    assert [len(page) for page in pages] == [2, 2, 1]
    only = [page[0].address async for page in records.people(db, event_, RULES, now=SENT, only=[3])]
    assert only == ["reader2@example.org"]


async def test_a_mailing_of_several_events_names_for_each_only_who_wanted_it(db: Database) -> None:
    other = snapshot(*IP1783.milestones, number=2)
    await read(db, IP1783, now=BEGIN)
    await read(db, other, now=BEGIN)
    await follow(db, "Ada")
    await follow(db, "Ben", procedure_topic((await stored(db, other)).id))
    await _announced(db)
    assert [one.address for one in await _people(db)] == ["ada@example.org"]
    await send(db, SENT)
    assert [one.address for one in await _people(db)] == ["ada@example.org"]
    assert (await _why(db, "ben")).case is Case.FOLLOWS_OTHERS
    assert (await _why(db, "ben", 2)).case is Case.ACCEPTED


async def test_what_is_read_daily_or_weekly_is_followed_from_gathering_to_the_mail(db: Database) -> None:
    other = snapshot(*IP1783.milestones, number=2)
    await read(db, IP1783, now=BEGIN)
    await read(db, other, now=BEGIN)
    await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await follow(db, "Ben", procedure_topic((await stored(db, other)).id), rhythm=Rhythm.DAILY)
    await follow(db, "Cleo", rhythm=Rhythm.WEEKLY)
    await sweep(db, MEETING)
    assert (await _why(db, "ada")).case is Case.UNQUEUED
    await fan_out(db, MEETING)  # closes the slot of that morning too
    assert (await _why(db, "ada")).case is Case.WAITING
    assert [one.address for one in await _people(db)] == ["ada@example.org", "cleo@example.org"]
    await send(db, SENT)
    assert (await _why(db, "ada")).case is (await _why(db, "ben", 2)).case is Case.ACCEPTED
    assert (await _why(db, "ben")).case is Case.FOLLOWS_OTHERS
    weekly = "Gathered for the weekly mail of 9:00:00am on 12 September 2022."
    assert (await _why(db, "cleo")).sentence == weekly
    ada, cleo = await _people(db)
    assert ada.sendings[0].queued_at == MEETING
    assert cleo.gathering is not None
    assert cleo.gathering.slot_at == london(2022, 9, 12)


async def test_a_mail_that_was_taken_and_came_back_says_both(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await _announced(db)
    await send(db, SENT)
    async with db.write(Rank.WEB) as conn:
        came = {"delivery_id": 1, "at": SENT, "code": "5.1.1"}
        await conn.execute(insert(bounce).values(fingerprint="a", kind="autoreply", **came))
    assert (await _why(db, "ada")).case is Case.ACCEPTED
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(bounce).values(fingerprint="b", kind="complaint", **came))
    answer = await _why(db, "ada")
    assert answer.case is Case.CAME_BACK
    assert answer.sentence.endswith("; it was reported as unwanted on 8 September 2022, 5.1.1.")


async def test_who_stopped_before_the_mail_went_is_said_to_have(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada")
    await _announced(db)
    assert (await _why(db, "ada")).case is Case.WAITING
    await end(db, ada, now=MEETING + timedelta(seconds=3))
    for answer in (await _why(db, "ada"), await _listed(db)):
        assert answer.case is Case.ENDED
        assert "and will not be sent when its turn comes: stopped with the link" in answer.sentence
    await send(db, SENT)
    answer = await _why(db, "ada")
    assert answer.case is Case.ENDED
    assert "stopped with the link in a mail at 9:00:03am on 8 September 2022" in answer.sentence


async def test_a_digest_is_never_too_late_for_what_the_week_brought(db: Database) -> None:
    """Ada chose openings alone while the mail of Monday was made, and every step again after it."""
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    await _announced(db)
    monday = london(2022, 9, 12)
    await fan_out(db, monday)
    for preset in (Preset.OPENINGS, Preset.EVERY_STEP):
        async with db.write(Rank.WEB) as conn:
            await conn.execute(update(subscription).values(kinds=kinds_of(preset)))
        assert await send(db, monday + A_MINUTE) == []
    assert (await rows(db, delivery))[0]["state"] == DeliveryState.CANCELLED
    assert (await _why(db, "ada")).case is Case.LEFT_OUT


async def test_a_held_instance_says_why_nothing_goes(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await _announced(db)
    async with db.write(Rank.WEB) as conn:
        await holds.put(conn, HoldKind.CLOCK, "The clock leapt.", machine_now=MACHINE_NOW)
    assert (await _why(db, "ada")).sentence.endswith("while nothing is sent: The clock leapt.")


async def test_what_is_not_fanned_out_yet_is_said_to_be_prepared(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await sweep(db, MEETING)
    assert (await _why(db, "ada")).case is Case.UNQUEUED


async def test_each_reason_for_no_mail_is_found_in_the_tables(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await ask(db, "Asked")
    stopped = await follow(db, "Stopped")
    await end(db, stopped, now=MEETING - A_MINUTE)
    await follow(db, "Openings", preset=Preset.OPENINGS)
    await follow(db, "Elsewhere", procedure_topic(99))
    late = await ask(db, "Late")
    await _announced(db)
    await confirm(db, late, now=SENT)
    async with db.write(Rank.WEB) as conn:
        hash_ = SIGNER.address_hash("shunned@example.org")
        await suppress(conn, hash_, EndReason.OPERATOR, now=BEGIN, until=None)
    found = {
        name: (await _why(db, name)).case
        for name in ("asked", "stopped", "openings", "elsewhere", "late", "shunned", "stranger")
    }
    assert found == {
        "asked": Case.NOT_CONFIRMED_YET,  # its link is good by machine time, years ahead
        "stopped": Case.ENDED,
        "openings": Case.OTHER_KINDS,
        "elsewhere": Case.FOLLOWS_OTHERS,
        "late": Case.CONFIRMED_LATER,
        "shunned": Case.SUPPRESSED,
        "stranger": Case.NEVER_ASKED,
    }


async def test_an_erased_address_is_answered_for_by_its_keyed_hash(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada")
    await _announced(db)
    await send(db, SENT)
    async with db.write(Rank.WEB) as conn:
        await erase(conn, ada.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=SENT)
    assert (await _why(db, "ada")).sentence.startswith(
        "Handed to smtp.relay at 9:00:07am on 8 September 2022"
    )
    [one] = await _people(db)
    assert (one.address, one.address_hash) == (None, SIGNER.address_hash("ada@example.org"))


async def test_who_never_confirmed_is_answered_for_after_their_address_went(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await ask(db, "Ada")
    await forget(db, signer=SIGNER, now=SENT, machine_now=MACHINE_NOW)
    await follow(db, "Ben")
    await _announced(db)
    answer = await _why(db, "ada")
    assert answer.case is Case.NEVER_CONFIRMED
    assert answer.sentence.startswith("Asked on 1 September 2022, never confirmed; the link ended on ")


async def test_a_stop_that_was_undone_too_late_explains_the_gap(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada")
    await follow(db, "Ben")
    await end(db, ada, now=MEETING - A_MINUTE)
    await _announced(db)
    async with db.write(Rank.WEB) as conn:
        taken_up = {"state": "active", "ended_at": None, "ended_seq": None, "ended_reason": None}
        mine = subscription.c.id == ada.subscription_id
        await conn.execute(update(subscription).where(mine).values(taken_up))
        await course.note(conn, ada.subscription_id, "undone", now=MEETING + A_MINUTE)
    assert (await _why(db, "ada")).case is Case.PAUSED


async def test_who_wants_no_reminders_is_told_so(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", preset=Preset.DEADLINES)
    async with db.write(Rank.WEB) as conn:
        kinds = reminding(kinds_of(Preset.DEADLINES), on=False)
        await conn.execute(update(subscription).values(kinds=kinds))
    await follow(db, "Ben")
    for day in ((2022, 9, 8), (2022, 10, 14), (2022, 11, 4)):
        await sweep(db, london(*day))
        await fan_out(db, london(*day))
    seq = next(row["seq"] for row in await rows(db, event) if row["kind"] == "closing_soon")
    assert (await _why(db, "ada", seq)).sentence == "Wants no reminders; this was one."


async def test_a_mail_with_no_answer_yet_is_being_sent(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await _announced(db)
    await claim_letters(db, SENT)
    assert (await rows(db, delivery))[0]["state"] == DeliveryState.SENDING
    assert (await _why(db, "ada")).case is Case.SENDING


async def test_an_event_is_found_by_number_id_and_beginning(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    found = await _announced(db)
    async with db.read() as conn:
        tag = f"tag:alerts.example.org,2022-09-08:event/{found.public_id}"
        for words in ("1", "#1", found.public_id, found.public_id[:6].upper(), tag, f" {found.public_id} "):
            assert await find_event(conn, words) == found


@pytest.mark.parametrize(
    ("words", "why_not"),
    [
        ("7", "there is no event “7”: the newest is 1"),
        ("zzzz", "there is no event “zzzz”; the newest are "),
        ("gid-ipg1783", "is the procedure GID-IPG1783; name one of its events: "),
        ("IP1783", "is the procedure GID-IPG1783; name one of its events: "),
    ],
)
async def test_a_wrong_event_is_answered_with_what_is_near(db: Database, words: str, why_not: str) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    found = await _announced(db)
    async with db.read() as conn:
        with pytest.raises(ProofError, match=words) as refused:
            await find_event(conn, words)
    assert why_not in str(refused.value)
    assert words == "7" or f"{found.public_id[:8]} or 1 (8 September 2022: " in str(refused.value)


async def test_a_mistyped_or_ambiguous_id_is_answered_with_the_right_ones(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await _announced(db)
    await sweep(db, london(2022, 10, 14))
    async with db.write(Rank.WEB) as conn:
        for seq, id_ in ((1, "abcdef01"), (2, "abcdff02")):
            await conn.execute(update(event).where(event.c.seq == seq).values(public_id=id_))
    async with db.read() as conn:
        with pytest.raises(ProofError, match=r"begins the ids of several events: abcdff02 or 2 .*, abcdef01"):
            await find_event(conn, "abcd")
        with pytest.raises(ProofError, match=r"did you mean abcdef01 or 1 .*\?"):
            await find_event(conn, "abddef")


async def test_before_anything_was_announced_that_is_said(db: Database) -> None:
    async with db.read() as conn:
        with pytest.raises(ProofError, match="none was recorded yet"):
            await find_event(conn, "abcd")


async def test_people_are_read_by_the_index_of_deliveries(sqlite_db: Database) -> None:
    await read(sqlite_db, IP1783, now=BEGIN)
    await follow(sqlite_db, "Ada")
    found = await _announced(sqlite_db)
    async with sqlite_db.read() as conn:
        [mailing] = await mailings_of(conn, found.seq)
        query = records._deliveries(found, mailing, after=0, only=None)
        compiled = query.compile(conn.sync_connection, compile_kwargs={"literal_binds": True})
        plan = [line.detail for line in await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    [first] = [line for line in plan if line.startswith("SEARCH delivery")]
    assert "sqlite_autoindex_delivery_1 (mailing_id=? AND subscriber_id>?)" in first
    assert not any(line.startswith("SCAN") or "TEMP B-TREE FOR ORDER" in line for line in plan)


async def _move(db: Database, name: str, to: str, *, now: datetime) -> None:
    """Let somebody's alerts go to another address."""
    row = next(one for one in await rows(db, subscriber) if one["address"] == f"{name}@example.org")
    wanted, times = f"{to}@example.org", {"asked_at": MACHINE_NOW, "until": MACHINE_NOW}
    asked = {"subscriber_id": row["id"], "address": wanted, "address_key": wanted, "nonce": "n" * 24, **times}
    async with db.write(Rank.WEB) as conn:
        add = insert(address_change).values(asked).returning(address_change.c.id)
        link = SIGNER.sign(Purpose.NEW_ADDRESS, (await conn.execute(add)).scalar_one(), "n" * 24)
    await address_changes.confirm(
        db, text=link, signer=SIGNER, wording="Here", now=now, machine_now=MACHINE_NOW
    )


async def test_who_moved_is_found_by_both_addresses_and_each_mail_is_said_of_the_one_it_went_to(
    db: Database,
) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Old")
    event_ = await _announced(db)
    await send(db, SENT)
    assert (await _why(db, "new")).case is Case.NEVER_ASKED
    await _move(db, "old", "new", now=SENT + A_MINUTE)
    told = "reply 250 2.0.0 Ok: queued as 4711; it was sent to the address they had until 8 September 2022."
    assert (await _why(db, "old")).sentence.endswith(told)
    assert (await _why(db, "new")).sentence.endswith(told)
    asking = _asking()
    async with db.read() as conn:
        head = await opening(conn, event_, asking)
        found, _ = await portraits(conn, "old@example.org", asking)
    assert [one.address for one in found] == ["new@example.org"]
    for only in (None, "old@example.org", "new@example.org"):
        [[entry]] = [page async for page in listing(db, event_, head, asking, only=only)]
        assert entry.answer.sentence.endswith(told)
    assert [page async for page in listing(db, event_, head, asking, only="no@example.org")] == []


async def test_who_moved_and_was_erased_is_found_by_the_address_they_had_before(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    old = await follow(db, "Old")
    await _announced(db)
    await send(db, SENT)
    await _move(db, "old", "new", now=SENT + A_MINUTE)
    async with db.write(Rank.WEB) as conn:
        await erase(conn, old.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=SENT + A_MINUTE)
    assert (await _why(db, "old")).case is Case.ACCEPTED
    assert (await _why(db, "old")).sentence.endswith("sent to the address they had until 8 September 2022.")
