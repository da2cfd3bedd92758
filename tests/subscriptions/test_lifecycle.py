"""Signing up, confirming and ending; somebody who types an address learns nothing from the answer."""

import asyncio
from datetime import timedelta

import pytest

from notifier import sequence
from notifier.db import Database, Rank
from notifier.delivery.tables import delivery
from notifier.events.interest import Preset, kinds_of
from notifier.subscriptions import course, store
from notifier.subscriptions.fence import Answer, SignUpLimits
from notifier.subscriptions.lifecycle import (
    LinkState,
    LinkView,
    confirm,
    look_at_link,
    normal_address,
)
from notifier.subscriptions.model import EndReason, InvalidAddress, ReplyKind, Rhythm, SubscriptionState
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import reply, subscriber, subscription, subscription_history, topic
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    MACHINE_NOW,
    SIGNER,
    count,
    end,
    follow,
    london,
    press_confirm,
    rows,
    sign_up,
)

LATER = london(2022, 9, 3)
HOURS_48 = timedelta(hours=48)


async def _link(db: Database, place: int = 0) -> str:
    """Return the text of the link that confirms a subscription."""
    asked = (await rows(db, subscription))[place]
    return SIGNER.sign(Purpose.CONFIRM, asked["id"], asked["nonce"])


async def _look(db: Database, text: str, *, after: timedelta = timedelta()) -> LinkView:
    return await look_at_link(db, text=text, signer=SIGNER, now=BEGIN, machine_now=MACHINE_NOW + after)


async def _history(db: Database) -> list[tuple[str, str]]:
    return [(row["what"], row["detail"]) for row in await rows(db, subscription_history)]


async def test_a_sign_up_waits_for_its_confirmation_and_queues_one_mail(db: Database) -> None:
    assert await sign_up(db, "Ada@Example.ORG") is Answer.QUEUED
    [ada] = await rows(db, subscriber)
    assert (ada["address"], ada["address_key"]) == ("Ada@example.org", "ada@example.org")
    [asked] = await rows(db, subscription)
    assert (asked["state"], asked["asked_at"]) == (SubscriptionState.PENDING, BEGIN)
    assert asked["confirm_until"] == MACHINE_NOW + HOURS_48
    [answer] = await rows(db, reply)
    assert (answer["kind"], answer["asked_at"]) == (ReplyKind.CONFIRM, MACHINE_NOW)
    [queued] = await rows(db, delivery)
    assert (queued["mailing_id"], queued["part"], queued["next_at"]) == (0, answer["id"], MACHINE_NOW)
    assert await _history(db) == [("asked", "")]


async def test_the_link_confirms_once_and_says_so_when_used_again(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    link = await _link(db)
    assert (await _look(db, link)).state is LinkState.GOOD
    assert (await press_confirm(db, link, now=LATER)).state is LinkState.GOOD
    assert (await press_confirm(db, link, now=LATER)).state is LinkState.DONE
    [active] = await rows(db, subscription)
    assert (active["state"], active["confirmed_at"]) == (SubscriptionState.ACTIVE, LATER)
    assert await _history(db) == [("asked", ""), ("confirmed", "Yes, send me alerts")]
    assert [row["followers"] for row in await rows(db, topic)] == [1]


async def test_looking_at_the_link_confirms_nothing(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    await _look(db, await _link(db))
    assert (await rows(db, subscription))[0]["state"] == SubscriptionState.PENDING


async def test_who_confirms_follows_from_the_events_that_come_after(db: Database) -> None:
    async with db.write(Rank.ANNOUNCE) as conn:
        await sequence.take(conn, 5)
    await sign_up(db, "ada@example.org")
    await press_confirm(db, await _link(db))
    assert (await rows(db, subscription))[0]["since_seq"] == 5


async def test_who_confirms_while_an_event_is_written_follows_from_after_it(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    link = await _link(db)
    async with db.write(Rank.ANNOUNCE) as conn:
        await sequence.take(conn, 1)
        confirming = asyncio.create_task(press_confirm(db, link))
        await asyncio.sleep(0.1)
        assert not confirming.done()
    await confirming
    assert (await rows(db, subscription))[0]["since_seq"] == 1


async def test_the_link_works_for_its_hours_of_real_time_and_no_longer(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    link = await _link(db)
    assert (await _look(db, link, after=HOURS_48)).state is LinkState.GOOD
    assert (await _look(db, link, after=HOURS_48 + timedelta(seconds=1))).state is LinkState.EXPIRED
    late = MACHINE_NOW + HOURS_48 + timedelta(seconds=1)
    assert (await press_confirm(db, link, machine_now=late)).state is LinkState.EXPIRED
    assert (await rows(db, subscription))[0]["state"] == SubscriptionState.PENDING


async def test_a_link_to_what_has_ended_revives_nothing(db: Database) -> None:
    ada = await follow(db, "Ada")
    link = await _link(db)
    await end(db, ada, now=LATER)
    assert (await press_confirm(db, link)).state is LinkState.EXPIRED
    assert (await rows(db, subscription))[0]["state"] == SubscriptionState.ENDED


async def test_an_address_that_is_written_to_no_more_confirms_nothing(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    link = await _link(db)
    async with db.write(Rank.WEB) as conn:
        key = SIGNER.address_hash("ada@example.org")
        await suppress(conn, key, EndReason.OPERATOR, now=BEGIN, until=BEGIN + timedelta(days=1))
    assert (await _look(db, link)).state is LinkState.EXPIRED
    assert (await press_confirm(db, link)).state is LinkState.EXPIRED
    assert [row["state"] for row in await rows(db, subscription)] == ["pending"]
    assert (await press_confirm(db, link, now=BEGIN + timedelta(days=1))).state is LinkState.GOOD


async def test_a_link_that_is_not_ours_is_unknown(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    asked = (await rows(db, subscription))[0]
    others = (
        "",
        "hello",
        "7" * 64,
        SIGNER.sign(Purpose.CONFIRM, asked["id"], "another nonce"),
        SIGNER.sign(Purpose.CONFIRM, asked["id"] + 1, asked["nonce"]),
        SIGNER.sign(Purpose.STOP, asked["id"], asked["nonce"]),
        Signer(b"another secret").sign(Purpose.CONFIRM, asked["id"], asked["nonce"]),
    )
    for text in others:
        assert (await press_confirm(db, text)).state is LinkState.UNKNOWN, text
    assert (await rows(db, subscription))[0]["state"] == SubscriptionState.PENDING


async def test_asking_again_renews_the_hours_and_takes_the_newest_choice(db: Database) -> None:
    await sign_up(db, "ada@example.org", preset=Preset.DEADLINES)
    next_day = MACHINE_NOW + timedelta(hours=40)
    await sign_up(db, "ADA@example.org", preset=Preset.OPENINGS, now=LATER, machine_now=next_day)
    [asked] = await rows(db, subscription)
    assert asked["kinds"] == kinds_of(Preset.OPENINGS)
    assert asked["confirm_until"] == next_day + HOURS_48
    assert asked["asked_at"] == LATER
    assert [row["kind"] for row in await rows(db, reply)] == [ReplyKind.CONFIRM, ReplyKind.CONFIRM]
    assert await _history(db) == [("asked", ""), ("asked again", "")]


async def test_who_follows_already_gets_a_mail_that_says_so_and_the_same_answer(db: Database) -> None:
    await follow(db, "Ada")
    assert await sign_up(db, "ada@example.org") is Answer.QUEUED
    assert [row["kind"] for row in await rows(db, reply)] == [ReplyKind.ALREADY]
    assert await count(db, subscription) == 1


async def test_who_stopped_can_ask_again(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=LATER)
    await sign_up(db, "ada@example.org", now=LATER)
    assert await count(db, subscriber) == 1
    await press_confirm(db, await _link(db, 1), now=LATER)
    assert [row["state"] for row in await rows(db, subscription)] == ["ended", "active"]
    assert [row["followers"] for row in await rows(db, topic)] == [1]


async def test_a_link_to_what_is_followed_already_confirms_nothing_and_says_so(db: Database) -> None:
    """A stop was undone by other ways than this link while it waited in the mailbox."""
    ada = await follow(db, "Ada")
    await end(db, ada, now=LATER)
    await sign_up(db, "ada@example.org", now=LATER)
    link = await _link(db, 1)
    waiting = await _look(db, link)
    assert waiting.subscription is not None
    async with db.write(Rank.WEB) as conn:
        first = await store.get(conn, ada.subscription_id)
        assert first is not None
        await course.revive(conn, first, how="by hand", now=LATER)
        again = waiting.subscription
        assert not await course.activate(conn, again, since_seq=0, wording="Yes", now=LATER)
    for view in (await press_confirm(db, link, now=LATER), await _look(db, link)):
        assert view.state is LinkState.DONE
        assert view.subscription is not None
        assert view.subscription.id == ada.subscription_id
    assert [row["state"] for row in await rows(db, subscription)] == ["active", "pending"]
    assert [row["followers"] for row in await rows(db, topic)] == [1]


async def test_one_address_can_follow_several_things(db: Database) -> None:
    for each in (EVERYTHING, procedure_topic(1), procedure_topic(2)):
        await sign_up(db, "ada@example.org", each)
    for place in range(3):
        await press_confirm(db, await _link(db, place))
    [ada] = await rows(db, subscriber)
    async with db.read() as conn:
        assert len(await store.active_of(conn, ada["id"])) == 3


async def test_an_address_is_mailed_so_many_confirmations_a_day_and_no_more(db: Database) -> None:
    spellings = ("ada@example.org", "Ada@example.org", "ada+nice@example.org", "ada+x@example.org")
    answers = [await sign_up(db, one) for one in spellings]
    assert answers == [Answer.QUEUED] * 3 + [Answer.FENCED]
    assert await count(db, delivery) == 3
    assert await sign_up(db, "ben@example.org") is Answer.QUEUED
    a_day_later = MACHINE_NOW + timedelta(days=1)
    assert await sign_up(db, "ada@example.org", machine_now=a_day_later) is Answer.QUEUED


async def test_a_fenced_sign_up_leaves_no_trace(db: Database) -> None:
    for _ in range(3):
        await sign_up(db, "ada@example.org")
    before = [await rows(db, table) for table in (subscriber, subscription, reply, delivery, topic)]
    assert await sign_up(db, "ada@example.org", procedure_topic(9)) is Answer.FENCED
    assert await sign_up(db, "ada+new@example.org") is Answer.FENCED
    assert [await rows(db, table) for table in (subscriber, subscription, reply, delivery, topic)] == before


async def test_everybody_together_is_mailed_so_many_confirmations_an_hour(db: Database) -> None:
    limits = SignUpLimits(per_address_and_day=3, everyone_per_hour=2, link_hours=48)
    people = ("ada@example.org", "ben@example.org", "cleo@example.org")
    answers = [await sign_up(db, one, limits=limits) for one in people]
    assert answers == [Answer.QUEUED, Answer.QUEUED, Answer.CEILING]
    an_hour_later = MACHINE_NOW + timedelta(hours=1)
    assert await sign_up(db, people[2], limits=limits, machine_now=an_hour_later) is Answer.QUEUED


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@example.org", "ada@example", "a b@example.org", "ada@example.org\nBcc: x@y.z"],
)
async def test_what_is_no_address_is_refused_and_stored_nowhere(sqlite_db: Database, text: str) -> None:
    with pytest.raises(InvalidAddress):
        await sign_up(sqlite_db, text)
    assert await count(sqlite_db, subscriber) == 0


def test_an_address_is_written_to_in_ascii() -> None:
    assert normal_address("ada@bücher.example.org") == "ada@xn--bcher-kva.example.org"
    with pytest.raises(InvalidAddress, match="before the @"):
        normal_address("ädä@example.org")


async def test_reminders_are_chosen_with_the_first_sign_up_and_changed_by_nobody_elses(db: Database) -> None:
    await sign_up(db, "ada@example.org", reminders=True)
    await sign_up(db, "ada@example.org", procedure_topic(1), reminders=False)
    assert not (await rows(db, subscriber))[0]["reminders"], "the newest choice, while nothing is followed"
    await press_confirm(db, await _link(db))
    await sign_up(db, "ada@example.org", procedure_topic(2), reminders=True)
    assert not (await rows(db, subscriber))[0]["reminders"]


async def test_what_is_confirmed_is_what_was_shown(db: Database) -> None:
    await sign_up(db, "ada@example.org", preset=Preset.DEADLINES, rhythm=Rhythm.DAILY)
    shown = kinds_of(Preset.OPENINGS)
    await confirm(
        db,
        text=await _link(db),
        signer=SIGNER,
        wording="Openings only",
        now=LATER,
        machine_now=MACHINE_NOW,
        kinds=shown,
    )
    [active] = await rows(db, subscription)
    assert (active["kinds"], active["rhythm"]) == (shown, Rhythm.DAILY)
