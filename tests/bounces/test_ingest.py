"""What a message that comes back does, and what it cannot do without an authentic token."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from notifier.bounces.backoff import wait_after
from notifier.bounces.ingest import Became
from notifier.bounces.store import RAW_BYTES
from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Letter
from notifier.delivery.tables import attempt, delivery
from notifier.events.tables import variant_event
from notifier.settings import Staff
from notifier.subscriptions import suppression
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.return_path import envelope_token as token_of
from notifier.subscriptions.tables import bounce, subscriber, subscription
from notifier.subscriptions.tables import suppression as suppressed
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.topics import procedure_topic
from notifier.subscriptions.unreachable import end_all
from tests.bounces.bounce_cast import (
    envelope_token,
    feed,
    handed_over,
    message_token,
    returned,
    stop_token,
)
from tests.bounces.sample_files import ENVELOPE, MAILBOX, sample
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    SIGNER,
    Person,
    fan_out,
    follow,
    london,
    read,
    rows,
    sign_up,
    sweep,
)
from tests.events.staff.staff_cast import write

NOW = london(2022, 9, 8)  # IPAC 1
LATER = london(2022, 9, 9)
HOUR = timedelta(hours=1)


@pytest.fixture
async def ada(db: Database) -> Person:
    """Ada follows everything and another procedure, Ben follows everything."""
    await read(db, IP1783, now=BEGIN)
    person = await follow(db, "Ada")
    await follow(db, "Ada", procedure_topic(999))
    await follow(db, "Ben")
    await sweep(db, NOW)
    await fan_out(db, NOW)
    return person


async def _states(db: Database) -> list[tuple[str, str | None]]:
    return [(row["state"], row["ended_reason"]) for row in await rows(db, subscription)]


ALL_ACTIVE = [("active", None)] * 3


def _of_ada(reason: EndReason, count: int = 2) -> list[tuple[str, str | None]]:
    return [("ended", reason)] * count + [("active", None)] * (3 - count)


async def _is_suppressed(db: Database, address: str = "ada@example.org") -> bool:
    async with db.read() as conn:
        return await suppression.is_suppressed(conn, SIGNER.address_hash(address), now=LATER)


async def test_each_mail_has_an_envelope_of_its_own(db: Database, ada: Person) -> None:
    letters = await handed_over(db, NOW)
    assert len({letter.sender for letter in letters}) == 2
    for letter in letters:
        name, _, domain = letter.sender.partition("@")
        assert name.startswith("bounces+")
        assert len(name) <= 64
        assert domain == "alerts.example.org"
        assert b"From: Example Alerts <alerts@alerts.example.org>\r\n" in letter.content


async def test_a_mail_can_be_stopped_by_a_mail_too_the_link_first(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    head = letter.content.decode().replace("\r\n ", " ")
    token = stop_token(letter)
    assert (
        f"List-Unsubscribe: <https://alerts.example.org/stop/{token}>, "
        f"<mailto:bounces+{token}@alerts.example.org?subject=unsubscribe>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    ) in head


async def test_a_hard_bounce_ends_all_of_one_address_and_suppresses_it(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    taken = await feed(db, returned("postfix_unknown_user", letter), now=LATER)
    assert taken.became is Became.ENDED
    assert await _states(db) == _of_ada(EndReason.BOUNCED)
    assert await _is_suppressed(db)
    [row] = await rows(db, bounce)
    assert (row["kind"], row["code"], row["at"]) == ("hard", "5.1.1", LATER)
    assert (row["delivery_id"], row["subscriber_id"]) == (letter.delivery_id, ada.subscriber_id)
    assert row["diagnostic"].startswith("550 5.1.1 <…>: Recipient address rejected")
    assert row["raw"] == returned("postfix_unknown_user", letter)


@pytest.mark.parametrize(
    "name",
    ["gmail_spam", "exim_no_code", "postfix_content", "postfix_sender_refused", "odd_ims"],
)
async def test_what_blames_us_or_nobody_is_counted_and_ends_nobody(sqlite_db: Database, name: str) -> None:
    await _setting(sqlite_db)
    [letter, _] = await handed_over(sqlite_db, NOW)
    assert (await feed(sqlite_db, returned(name, letter), now=LATER)).became is Became.COUNTED
    assert await _states(sqlite_db) == ALL_ACTIVE
    assert [row["kind"] for row in await rows(sqlite_db, bounce)] == ["refused"]


@pytest.mark.parametrize(
    "name",
    [
        "postfix_delayed",
        "postfix_delivered",
        "list_one_of_two",
        "vacation_exchange",
        "own_mail",
        "read_receipt",
    ],
)
async def test_what_is_no_bounce_is_only_noted(sqlite_db: Database, name: str) -> None:
    await _setting(sqlite_db)
    [letter, _] = await handed_over(sqlite_db, NOW)
    assert (await feed(sqlite_db, returned(name, letter), now=LATER)).became is Became.COUNTED
    assert await _states(sqlite_db) == ALL_ACTIVE
    assert {row["state"] for row in await rows(sqlite_db, delivery)} == {DeliveryState.ACCEPTED}


async def _setting(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await follow(db, "Ada", procedure_topic(999))
    await follow(db, "Ben")
    await sweep(db, NOW)
    await fan_out(db, NOW)


async def test_a_soft_bounce_puts_its_mail_back_under_the_same_message_id(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    taken = await feed(db, returned("gmail_full", letter), now=LATER)
    assert taken.became is Became.PUT_BACK
    at = MACHINE_NOW + timedelta(minutes=1)
    [found] = [row for row in await rows(db, delivery) if row["id"] == letter.delivery_id]
    assert (found["state"], found["next_at"]) == (DeliveryState.PENDING, at + 2 * HOUR)
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert (who["soft_bounces"], who["soft_bounced_at"], who["mail_after"]) == (1, at, at + 2 * HOUR)
    [before] = await rows(db, attempt)
    assert (before["n"], before["code"], before["reply"], before["at"]) == (1, 250, "2.0.0 Ok", NOW)
    assert await handed_over(db, NOW, machine_now=at + 2 * HOUR - timedelta(seconds=1)) == []
    [again] = await handed_over(db, NOW, machine_now=at + 2 * HOUR)
    assert message_token(again) == message_token(letter)
    assert again.sender == letter.sender
    assert await _states(db) == ALL_ACTIVE


async def test_a_soft_bounce_after_a_hard_one_is_only_counted(db: Database, ada: Person) -> None:
    """The acceptance stays as it is: what waits for nobody would be told as waiting."""
    [first, _] = await handed_over(db, NOW)
    await feed(db, returned("postfix_unknown_user", first), now=LATER)
    taken = await feed(db, returned("gmail_full", first), now=LATER)
    assert taken.became is Became.COUNTED
    assert {row["state"] for row in await rows(db, delivery)} == {DeliveryState.ACCEPTED}
    assert await rows(db, attempt) == []
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert (who["soft_bounces"], who["mail_after"]) == (0, None)


async def test_a_soft_bounce_of_whoever_follows_nothing_any_more_is_only_counted(
    db: Database, ada: Person
) -> None:
    [letter, _] = await handed_over(db, NOW)
    async with db.write(Rank.WEB) as conn:
        await end_all(conn, ada.subscriber_id, reason=EndReason.ONE_CLICK, now=LATER)
    assert (await feed(db, returned("gmail_full", letter), now=LATER)).became is Became.COUNTED
    assert {row["state"] for row in await rows(db, delivery)} == {DeliveryState.ACCEPTED}


async def test_a_soft_bounce_of_an_address_that_is_not_written_to_is_only_counted(
    db: Database, ada: Person
) -> None:
    [letter, _] = await handed_over(db, NOW)
    async with db.write(Rank.WEB) as conn:
        key = SIGNER.address_hash("ada@example.org")
        await suppression.suppress(conn, key, EndReason.COMPLAINED, now=LATER, until=None)
    assert (await feed(db, returned("gmail_full", letter), now=LATER)).became is Became.COUNTED
    assert {row["state"] for row in await rows(db, delivery)} == {DeliveryState.ACCEPTED}


async def test_a_confirmation_that_comes_back_for_now_is_sent_again(db: Database) -> None:
    await sign_up(db, "eve@example.org")
    [letter] = await handed_over(db, NOW)
    assert (await feed(db, returned("gmail_full", letter), now=LATER)).became is Became.PUT_BACK


async def test_each_soft_bounce_doubles_the_wait_and_the_one_after_the_last_ends_the_address(
    db: Database, ada: Person
) -> None:
    [letter, _] = await handed_over(db, NOW)
    passed = timedelta()
    for run in range(1, 7):
        passed += timedelta(minutes=5)
        raw = returned("postfix_expired", letter, note=str(run))
        assert (await feed(db, raw, now=LATER, after=passed)).became is Became.PUT_BACK
        passed += wait_after(run)
        [letter] = await handed_over(db, NOW, machine_now=MACHINE_NOW + passed)
    assert passed > timedelta(hours=126)
    taken = await feed(db, returned("postfix_expired", letter, note="7"), now=LATER, after=passed + HOUR)
    assert taken.became is Became.ENDED
    assert await _states(db) == _of_ada(EndReason.SOFT_BOUNCED)
    assert not await _is_suppressed(db)  # the mailbox may be emptied one day
    assert {row["state"] for row in await rows(db, delivery)} == {"accepted", "cancelled"}
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert (who["soft_bounces"], who["soft_bounced_at"], who["mail_after"]) == (0, None, None)


async def test_a_run_begins_anew_after_a_long_time_without_a_bounce(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    await feed(db, returned("gmail_full", letter), now=LATER)
    await handed_over(db, NOW, machine_now=MACHINE_NOW + 3 * HOUR)
    late = timedelta(days=5, hours=3)
    await feed(db, returned("gmail_full", letter, note="2"), now=LATER, after=late)
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert (who["soft_bounces"], who["mail_after"]) == (1, MACHINE_NOW + late + 2 * HOUR)


async def test_other_mail_to_somebody_who_is_left_alone_waits_too(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    await feed(db, returned("gmail_full", letter), now=LATER)
    news = london(2022, 10, 14)
    await sweep(db, news)
    await fan_out(db, news)
    at = MACHINE_NOW + HOUR
    [ben] = await handed_over(db, news, machine_now=at)
    assert ben.recipient == "ben@example.org"
    waiting = [row for row in await rows(db, delivery) if row["state"] == DeliveryState.PENDING]
    assert {row["subscriber_id"] for row in waiting} == {ada.subscriber_id}
    assert {row["next_at"] for row in waiting} == {MACHINE_NOW + timedelta(minutes=1) + 2 * HOUR}
    assert [row["attempts"] for row in waiting] == [1, 0]
    later = MACHINE_NOW + timedelta(minutes=1) + 2 * HOUR
    assert {one.recipient for one in await handed_over(db, news, machine_now=later)} == {"ada@example.org"}


async def test_what_was_under_way_when_a_wait_began_counts_as_the_same_bounce(
    db: Database, ada: Person
) -> None:
    [first, _] = await handed_over(db, NOW)
    news = london(2022, 10, 14)
    await sweep(db, news)
    await fan_out(db, news)
    [second, _] = await handed_over(db, news)
    await feed(db, returned("gmail_full", first), now=news)
    taken = await feed(db, returned("gmail_full", second), now=news, after=HOUR)
    assert taken.became is Became.PUT_BACK
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert who["soft_bounces"] == 1
    until = MACHINE_NOW + timedelta(minutes=1) + 2 * HOUR
    pending = [row for row in await rows(db, delivery) if row["state"] == "pending"]
    assert [row["next_at"] for row in pending] == [until, until]


async def test_two_reports_of_one_soft_bounce_are_one(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    await feed(db, returned("gmail_full", letter), now=LATER)
    again = await feed(db, returned("gmail_full", letter, note="again"), now=LATER, after=3 * HOUR)
    assert again.became is Became.COUNTED  # not sent again yet, so it cannot have come back again
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert who["soft_bounces"] == 1


async def test_a_link_that_somebody_asks_for_does_not_wait(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    await feed(db, returned("gmail_full", letter), now=LATER)
    await sign_up(db, "ada@example.org", procedure_topic(1), machine_now=MACHINE_NOW + HOUR)
    [reply] = await handed_over(db, LATER, machine_now=MACHINE_NOW + HOUR)
    assert reply.recipient == "ada@example.org"


@pytest.mark.parametrize("name", ["arf_abuse", "arf_mail_from", "arf_spf_line", "arf_opt_out"])
async def test_a_complaint_ends_all_and_is_remembered_until_lifted(sqlite_db: Database, name: str) -> None:
    await _setting(sqlite_db)
    [letter, _] = await handed_over(sqlite_db, NOW)
    assert (await feed(sqlite_db, returned(name, letter), now=LATER)).became is Became.ENDED
    assert await _states(sqlite_db) == _of_ada(EndReason.COMPLAINED)
    [row] = await rows(sqlite_db, suppressed)
    assert (row["reason"], row["until"]) == (EndReason.COMPLAINED, None)


async def test_a_complaint_that_shows_no_more_than_a_forwarded_mail_does_no_more_than_its_link(
    db: Database, ada: Person
) -> None:
    [letter, _] = await handed_over(db, NOW)
    taken = await feed(db, returned("arf_message_id_only", letter), now=LATER)
    assert taken.became is Became.STOPPED
    assert await _states(db) == _of_ada(EndReason.COMPLAINED, 1)
    assert not await _is_suppressed(db)


async def test_a_mail_program_stops_what_its_mail_was_sent_for(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    taken = await feed(db, returned("unsubscribe_by_mail_program", letter), now=LATER)
    assert taken.became is Became.STOPPED
    assert await _states(db) == _of_ada(EndReason.ONE_CLICK, 1)
    again = await feed(db, returned("unsubscribe_with_re", letter), now=LATER)
    assert again.became is Became.STOPPED  # doing it twice is doing it once


async def test_a_mail_of_which_nobody_knows_any_more_what_it_said_is_not_said_to_be_stopped(
    db: Database, ada: Person
) -> None:
    """Its evidence has ended since."""
    [letter, _] = await handed_over(db, NOW)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(delete(variant_event))
    taken = await feed(db, returned("unsubscribe_by_mail_program", letter), now=LATER)
    assert taken.became is Became.COUNTED


async def test_the_same_message_counts_once_however_often_it_is_fed(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    raw = returned("gmail_full", letter)
    taken = await asyncio.gather(*(feed(db, raw, now=LATER) for _ in range(4)))
    assert sorted(one.became for one in taken) == [Became.KNOWN] * 3 + [Became.PUT_BACK]
    assert len(await rows(db, bounce)) == 1
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    assert who["soft_bounces"] == 1


async def test_two_bounces_of_one_address_at_once_end_it_once(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    raws = [returned("postfix_unknown_user", letter, note=str(number)) for number in range(4)]
    await asyncio.gather(*(feed(db, raw, now=LATER) for raw in raws))
    assert len(await rows(db, bounce)) == 4
    assert len(await rows(db, suppressed)) == 1
    assert await _states(db) == _of_ada(EndReason.BOUNCED)


async def test_so_many_addresses_at_once_are_not_believed_to_have_no_mailbox(sqlite_db: Database) -> None:
    """A server on the way that suddenly knows nobody must not end everybody."""
    await read(sqlite_db, IP1783, now=BEGIN)
    for number in range(53):
        await follow(sqlite_db, f"Reader-{number}")
    await sweep(sqlite_db, NOW)
    await fan_out(sqlite_db, NOW)
    letters = await handed_over(sqlite_db, NOW)
    became = [
        (await feed(sqlite_db, returned("gmail_not_found", letter), now=LATER)).became for letter in letters
    ]
    assert became == [Became.ENDED] * 50 + [Became.DOUBTED] * 3
    assert len(await rows(sqlite_db, suppressed)) == 50
    assert (await _states(sqlite_db)).count(("active", None)) == 3


def _address(token: str) -> str:
    return MAILBOX.with_token(token)


async def _forged(db: Database, ada: Letter, ben: Letter) -> dict[str, str]:
    good = envelope_token(ada)
    [who] = [row for row in await rows(db, subscriber) if row["id"] == ada.subscriber_id]
    nonce, address = who["nonce"], who["address"]
    return {
        "altered": good[:5] + ("b" if good[5] == "a" else "a") + good[6:],
        "cut": good[:-1],
        "longer": good + "a",
        "another secret": token_of(Signer(b"x" * 32), ada.delivery_id, nonce=nonce, address=address),
        "another delivery": token_of(SIGNER, ben.delivery_id, nonce=nonce, address=address),
        "no delivery": token_of(SIGNER, 999_999, nonce=nonce, address=address),
        "another nonce": token_of(SIGNER, ada.delivery_id, nonce="n", address=address),
        "another address": token_of(SIGNER, ada.delivery_id, nonce=nonce, address="eve@example.org"),
        "a link's": SIGNER.sign(Purpose.STOP, ada.delivery_id, nonce),
        "a message id's": SIGNER.sign(Purpose.MESSAGE, ada.delivery_id, nonce),
        "a confirmation's": SIGNER.sign(Purpose.CONFIRM, ada.delivery_id, nonce),
        "invented": ENVELOPE,
    }


async def test_a_forged_bounce_ends_nobody(db: Database, ada: Person) -> None:
    [letter, bens] = await handed_over(db, NOW)
    for why, token in (await _forged(db, letter, bens)).items():
        for name in ("postfix_unknown_user", "gmail_full"):
            raw = sample(name).replace(ENVELOPE.encode(), token.encode())
            taken = await feed(db, raw, now=LATER)
            assert taken.became is Became.UNPROVEN, why
            at_the_envelope = await feed(db, raw + b" ", now=LATER, recipient=_address(token))
            assert at_the_envelope.became is Became.UNPROVEN, why
    assert await _states(db) == ALL_ACTIVE
    assert await rows(db, suppressed) == []
    assert {row["state"] for row in await rows(db, delivery)} == {DeliveryState.ACCEPTED}
    assert {row["delivery_id"] for row in await rows(db, bounce)} == {None}


async def test_a_bounce_speaks_of_nobody_but_whom_its_own_token_names(db: Database, ada: Person) -> None:
    """Ben shows his own token and says that Ada's mail failed: it is he who is ended."""
    [_, bens] = await handed_over(db, NOW)
    await feed(db, returned("postfix_unknown_user", bens), now=LATER)
    assert await _states(db) == [("active", None)] * 2 + [("ended", EndReason.BOUNCED)]


async def test_what_proves_nothing_is_counted_without_its_bytes(db: Database, ada: Person) -> None:
    await handed_over(db, NOW)
    assert (await feed(db, sample("postfix_unknown_user"), now=LATER)).became is Became.UNPROVEN
    assert (await feed(db, sample("spam"), now=LATER)).became is Became.UNPROVEN
    found = await rows(db, bounce)
    assert [row["kind"] for row in found] == ["hard", "unknown"]
    assert {(row["delivery_id"], row["subscriber_id"], row["raw"]) for row in found} == {(None, None, None)}


async def test_an_address_that_somebody_left_is_not_theirs_any_more(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    async with db.write(Rank.WEB) as conn:
        where = subscriber.c.id == ada.subscriber_id
        new = {"address": "ada@new.example", "address_key": "ada@new.example"}
        await conn.execute(update(subscriber).where(where).values(**new))
    taken = await feed(db, returned("postfix_unknown_user", letter), now=LATER)
    assert taken.became is Became.UNPROVEN
    assert await _states(db) == ALL_ACTIVE
    stopped = await feed(db, returned("unsubscribe_by_mail_program", letter), now=LATER)
    assert stopped.became is Became.STOPPED  # the link in that mail works on too


async def test_a_confirmation_that_comes_back_is_not_sent_again_to_where_nobody_is(db: Database) -> None:
    await sign_up(db, "eve@example.org")
    [letter] = await handed_over(db, NOW)
    assert (await feed(db, returned("gmail_not_found", letter), now=LATER)).became is Became.ENDED
    assert await _is_suppressed(db, "eve@example.org")


async def test_a_letter_to_staff_that_comes_back_is_only_noted(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    afternoon = london(2022, 10, 13, 15)
    await write(db, afternoon, staff=Staff(addresses=("staff@example.org",), receipts=False))
    [letter] = await handed_over(db, afternoon)
    assert letter.sender == MAILBOX.with_token(envelope_token(letter))
    assert (await feed(db, returned("gmail_full", letter), now=LATER)).became is Became.COUNTED
    await feed(db, returned("gmail_not_found", letter), now=LATER)
    assert {row["state"] for row in await rows(db, delivery)} == {DeliveryState.ACCEPTED}
    assert await rows(db, suppressed) == []


async def test_a_long_message_is_kept_in_part_and_known_by_the_whole(db: Database, ada: Person) -> None:
    [letter, _] = await handed_over(db, NOW)
    raw = returned("postfix_unknown_user", letter) + b"x" * RAW_BYTES
    await feed(db, raw + b"1", now=LATER)
    await feed(db, raw + b"2", now=LATER)
    assert [len(row["raw"]) for row in await rows(db, bounce)] == [RAW_BYTES] * 2


async def test_the_log_names_no_address_and_no_token(
    db: Database, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    [letter, _] = await handed_over(db, NOW)
    caplog.set_level("DEBUG", "notifier")
    await feed(db, returned("postfix_unknown_user", letter), now=LATER)
    await feed(db, sample("postfix_unknown_user"), now=LATER)
    said = [(one.message, one.__dict__["kind"], one.__dict__["became"]) for one in caplog.records]
    assert said == [("mail_came_back", "hard", "ended"), ("mail_came_back", "hard", "unproven")]
