"""Alerts go to another address once its owner says so, and never together with alerts it gets already."""

from datetime import timedelta

import pytest

from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.tables import delivery
from notifier.subscriptions import address_change, reply_store
from notifier.subscriptions.access import AccessOver, AccessState, Session, look, open_once
from notifier.subscriptions.address_change import ChangeState, ChangeView
from notifier.subscriptions.fence import Answer
from notifier.subscriptions.model import EndReason, InvalidAddress, ReplyKind
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import access as access_table
from notifier.subscriptions.tables import address_change as change_table
from notifier.subscriptions.tables import reply, subscriber, subscription, subscription_history
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.unreachable import end_address
from tests.cast import BEGIN, MACHINE_NOW, SIGNER, Person, fence, follow, rows, sign_up
from tests.subscriptions.test_access import asked

NEW = "ada@elsewhere.example"
HOURS_48 = timedelta(hours=48)


@pytest.fixture
async def ada(db: Database) -> Person:
    return await follow(db, "Ada")


@pytest.fixture
async def session(db: Database, ada: Person) -> Session:
    text = await open_once(db, text=await asked(db), signer=SIGNER, machine_now=MACHINE_NOW)
    return Session(text=text, signer=SIGNER, machine_now=MACHINE_NOW)


async def ask(db: Database, session: Session, address: str = NEW) -> Answer:
    return await address_change.ask(db, session=session, address=address, fence=fence())


async def link(db: Database) -> str:
    row = (await rows(db, change_table))[-1]
    return SIGNER.sign(Purpose.NEW_ADDRESS, row["id"], row["nonce"])


async def press(db: Database, text: str, *, after: timedelta = timedelta()) -> ChangeView:
    return await address_change.confirm(
        db, text=text, signer=SIGNER, wording="Here", now=BEGIN, machine_now=MACHINE_NOW + after
    )


async def look_at(db: Database, text: str) -> ChangeView:
    return await address_change.look(db, text=text, signer=SIGNER, now=BEGIN, machine_now=MACHINE_NOW)


async def address_of(db: Database, person: Person) -> str | None:
    found: str | None = next(
        row["address"] for row in await rows(db, subscriber) if row["id"] == person.subscriber_id
    )
    return found


async def test_the_link_goes_to_the_new_address_and_moves_the_alerts_there(
    db: Database, ada: Person, session: Session
) -> None:
    assert await ask(db, session) is Answer.QUEUED
    answer = (await rows(db, reply))[-1]
    async with db.read() as conn:
        queued = (await reply_store.load(conn, [answer["id"]], machine_now=MACHINE_NOW))[answer["id"]]
    assert (queued.kind, queued.address) == (ReplyKind.NEW_ADDRESS, NEW)
    assert await address_of(db, ada) == "ada@example.org"
    assert (await press(db, await link(db))).state is ChangeState.GOOD
    assert await address_of(db, ada) == NEW
    assert (await press(db, await link(db))).state is ChangeState.DONE
    last = (await rows(db, subscription_history))[-1]
    assert (last["what"], last["detail"]) == ("address changed", "Here")


@pytest.mark.usefixtures("session")
async def test_looking_changes_nothing(db: Database, ada: Person, session: Session) -> None:
    await ask(db, session)
    view = await look_at(db, await link(db))
    assert (view.state, view.address) == (ChangeState.GOOD, NEW)
    assert [one.id for one in view.following] == [ada.subscription_id]
    assert await address_of(db, ada) == "ada@example.org"


async def test_the_old_mailbox_opens_nothing_more(db: Database, session: Session) -> None:
    waiting = await asked(db)
    await ask(db, session)
    await press(db, await link(db))
    with pytest.raises(AccessOver):
        await ask(db, session, "another@example.org")
    state = await look(db, text=waiting, signer=SIGNER, machine_now=MACHINE_NOW)
    assert state is AccessState.UNKNOWN
    assert len(await rows(db, access_table)) == 2


async def test_an_address_with_alerts_of_its_own_keeps_them_and_takes_no_others(
    db: Database, ada: Person, session: Session
) -> None:
    ben = await follow(db, "Ben")
    assert await ask(db, session, "ben@example.org") is Answer.QUEUED
    assert (await press(db, await link(db))).state is ChangeState.TAKEN
    assert (await address_of(db, ada), await address_of(db, ben)) == (
        "ada@example.org",
        "ben@example.org",
    )
    assert [row["state"] for row in await rows(db, subscription)] == ["active", "active"]


async def test_an_address_that_only_asked_once_can_take_the_alerts(
    db: Database, ada: Person, session: Session
) -> None:
    await sign_up(db, NEW)
    await ask(db, session)
    assert (await press(db, await link(db))).state is ChangeState.GOOD
    assert await address_of(db, ada) == NEW
    left = (await rows(db, subscriber))[-1]
    assert (left["address"], left["address_hash"]) == (None, SIGNER.address_hash(NEW))
    assert [row["state"] for row in await rows(db, subscription)] == ["active", "ended"]


async def test_ones_own_address_in_another_spelling_is_taken_as_it_is_spelt(
    db: Database, ada: Person, session: Session
) -> None:
    await ask(db, session, "Ada@example.org")
    assert (await press(db, await link(db))).state is ChangeState.GOOD
    assert await address_of(db, ada) == "Ada@example.org"
    assert [row["left_hash"] for row in await rows(db, change_table)] == [None]
    assert [row["state"] for row in await rows(db, subscription)] == ["active"]


async def test_the_link_works_for_its_hours(db: Database, ada: Person, session: Session) -> None:
    await ask(db, session)
    late = HOURS_48 + timedelta(seconds=1)
    assert (await press(db, await link(db), after=late)).state is ChangeState.EXPIRED
    assert (await press(db, await link(db), after=HOURS_48)).state is ChangeState.GOOD
    assert await address_of(db, ada) == NEW


async def test_tokens_that_are_not_ours_or_for_something_else_move_nothing(
    db: Database, ada: Person, session: Session
) -> None:
    await ask(db, session)
    row, good = (await rows(db, change_table))[-1], await link(db)
    id_, nonce = row["id"], row["nonce"]
    wrong = [
        "",
        good[:-1],
        good + "a",
        SIGNER.sign(Purpose.NEW_ADDRESS, id_ + 1, nonce),
        Signer(b"another secret").sign(Purpose.NEW_ADDRESS, id_, nonce),
        *(SIGNER.sign(one, id_, nonce) for one in Purpose if one is not Purpose.NEW_ADDRESS),
    ]
    for text in wrong:
        assert (await press(db, text)).state is ChangeState.UNKNOWN, text
    assert await address_of(db, ada) == "ada@example.org"


async def test_a_refusal_of_the_mail_to_the_new_address_ends_nothing_of_the_old_one(
    db: Database, ada: Person, session: Session
) -> None:
    await ask(db, session)
    blamed = (await rows(db, reply))[-1]["subscriber_id"]
    async with db.write(Rank.OUTCOMES) as conn:
        await end_address(conn, blamed, BEGIN, signer=SIGNER)
    assert blamed != ada.subscriber_id
    assert [row["state"] for row in await rows(db, subscription)] == ["active"]


async def test_new_addresses_are_fenced_like_any_other(db: Database, session: Session) -> None:
    answers = [await ask(db, session) for _ in range(4)]
    assert answers == [Answer.QUEUED] * 3 + [Answer.FENCED]
    assert await sign_up(db, NEW) is Answer.FENCED
    async with db.write(Rank.WEB) as conn:
        key = SIGNER.address_hash("hurt@example.org")
        await suppress(conn, key, EndReason.COMPLAINED, now=BEGIN, until=None)
    assert await ask(db, session, "hurt@example.org") is Answer.SUPPRESSED


async def test_only_one_of_several_asked_addresses_takes_the_alerts(
    db: Database, ada: Person, session: Session
) -> None:
    await ask(db, session, "evil@elsewhere.example")
    evil = await link(db)
    await ask(db, session)
    await press(db, await link(db))
    assert (await press(db, evil)).state is ChangeState.UNKNOWN
    assert await address_of(db, ada) == NEW
    void, done = await rows(db, change_table)
    assert (void["address"], void["address_key"], void["done_at"]) == (None, None, None)
    assert (done["address"], done["done_at"]) == (NEW, BEGIN)


async def test_the_mail_to_an_address_that_lost_carries_no_link(db: Database, session: Session) -> None:
    await ask(db, session, "evil@elsewhere.example")
    lost = (await rows(db, reply))[-1]["id"]
    await ask(db, session)
    await press(db, await link(db))
    async with db.read() as conn:
        found = (await reply_store.load(conn, [lost], machine_now=MACHINE_NOW))[lost]
    assert found.link is None


async def test_what_others_asked_for_is_left_alone(db: Database, session: Session) -> None:
    await follow(db, "Ben")
    bens = await open_once(db, text=await asked(db, "Ben"), signer=SIGNER, machine_now=MACHINE_NOW)
    await ask(db, Session(text=bens, signer=SIGNER, machine_now=MACHINE_NOW), "ben@elsewhere.example")
    waiting = await link(db)
    await ask(db, session)
    await press(db, await link(db))
    assert (await press(db, waiting)).state is ChangeState.GOOD


async def test_an_address_that_is_written_to_no_more_since_it_was_asked_takes_nothing(
    db: Database, ada: Person, session: Session
) -> None:
    await ask(db, session)
    async with db.write(Rank.WEB) as conn:
        await suppress(conn, SIGNER.address_hash(NEW), EndReason.OPERATOR, now=BEGIN, until=None)
    view = await look_at(db, await link(db))
    assert view.state is ChangeState.EXPIRED
    assert (await press(db, await link(db))).state is ChangeState.EXPIRED
    assert await address_of(db, ada) == "ada@example.org"


async def test_what_waited_for_the_old_mailbox_is_sent_to_the_new_one_at_once(
    db: Database, ada: Person, session: Session
) -> None:
    ben = await follow(db, "Ben")
    soon, later = MACHINE_NOW - timedelta(minutes=1), MACHINE_NOW + timedelta(hours=6)
    async with db.write(Rank.WEB) as conn:
        for part, (who, at) in enumerate(((ada, later), (ada, soon), (ben, later)), start=1_000):
            await outbox.enqueue(conn, subscriber_id=who.subscriber_id, part=part, machine_now=at)
    await ask(db, session)
    await press(db, await link(db))
    ready = {row["part"]: row["next_at"] for row in await rows(db, delivery)}
    assert [ready[part] for part in (1_000, 1_001, 1_002)] == [MACHINE_NOW, soon, later]


async def test_the_address_that_was_left_is_kept_as_a_keyed_hash(db: Database, session: Session) -> None:
    await ask(db, session)
    assert [row["left_hash"] for row in await rows(db, change_table)] == [None]
    await press(db, await link(db))
    [row] = await rows(db, change_table)
    assert (row["left_hash"], row["done_at"]) == (SIGNER.address_hash("ada@example.org"), BEGIN)


@pytest.mark.parametrize("text", ["", "ada", "a@b.example\r\nBcc: x@y.example", "ädä@example.org"])
async def test_what_is_no_address_is_refused(db: Database, session: Session, text: str) -> None:
    with pytest.raises(InvalidAddress):
        await ask(db, session, text)
    assert await rows(db, change_table) == []
