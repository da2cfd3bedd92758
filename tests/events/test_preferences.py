"""What somebody can change of all that their address gets: with a line of history, and counting at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from notifier.db import Database
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.events import preferences
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.events.preferences import Hand, Preferences
from notifier.subscriptions import access
from notifier.subscriptions.access import AccessOver, Session, open_once
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.model import EndReason, Rhythm
from notifier.subscriptions.tables import access as access_table
from notifier.subscriptions.tables import subscriber, subscription, subscription_history, topic
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.cast import (
    BEGIN,
    MACHINE_NOW,
    RULES,
    SIGNER,
    Person,
    claim_letters,
    fan_out,
    fence,
    follow,
    london,
    meeting,
    press_confirm,
    read,
    rows,
    sign_up,
    snapshot,
    sweep,
)

IP = Topic(kind=TopicKind.PROCESS, value="ip")
LATER = BEGIN + timedelta(hours=1)
DEADLINES = kinds_of(Preset.DEADLINES)


async def hand_of(db: Database, name: str = "ada", *, now: datetime = LATER) -> Hand:
    """Open the page of somebody's preferences."""
    await access.ask(db, address=f"{name}@example.org", fence=fence())
    row = (await rows(db, access_table))[-1]
    link = SIGNER.sign(Purpose.ACCESS, row["id"], row["nonce"])
    text = await open_once(db, text=link, signer=SIGNER, machine_now=MACHINE_NOW)
    session = Session(text=text, signer=SIGNER, machine_now=MACHINE_NOW)
    return Hand(session=session, now=now, daily_at=RULES.announce_at)


async def history(db: Database) -> list[tuple[str, str]]:
    found = [(row["what"], row["detail"]) for row in await rows(db, subscription_history)]
    return [one for one in found if one[0] not in ("asked", "confirmed")]


@dataclass(frozen=True)
class Ada:
    all: Person
    ip: Person
    hand: Hand

    async def sees(self, db: Database) -> Preferences:
        return await preferences.see(db, self.hand)


@pytest.fixture
async def ada(db: Database) -> Ada:
    """Ada follows everything and a process; Ben follows everything too."""
    every = await follow(db, "Ada", EVERYTHING, preset=Preset.DEADLINES)
    process = await follow(db, "Ada", IP, preset=Preset.OPENINGS)
    await follow(db, "Ben", EVERYTHING, preset=Preset.DEADLINES)
    return Ada(all=every, ip=process, hand=await hand_of(db))


async def test_the_page_shows_all_that_its_owner_follows_and_nothing_of_others(
    db: Database, ada: Ada
) -> None:
    seen = await ada.sees(db)
    assert seen.address == "ada@example.org"
    assert [one.id for one in seen.following] == [ada.all.subscription_id, ada.ip.subscription_id]
    assert (seen.stopped, seen.reminders) == ((), True)


async def test_another_preset_and_rhythm_are_stored_with_old_and_new(db: Database, ada: Ada) -> None:
    changed = await preferences.change(
        db, ada.hand, ada.all.subscription_id, preset=Preset.OPENINGS, rhythm=Rhythm.WEEKLY
    )
    assert changed
    one, other = (await ada.sees(db)).following
    assert (one.kinds, one.rhythm) == (kinds_of(Preset.OPENINGS), Rhythm.WEEKLY)
    assert (other.kinds, other.rhythm) == (kinds_of(Preset.OPENINGS), Rhythm.AT_ONCE)
    assert await history(db) == [
        (
            "changed",
            "Deadlines and results, at once, with reminders before comments close → "
            "Openings only, weekly, Mondays at 9am; on the page of preferences",
        )
    ]


async def test_saving_what_is_chosen_already_changes_nothing(db: Database, ada: Ada) -> None:
    same = {"preset": Preset.DEADLINES, "rhythm": Rhythm.AT_ONCE}
    assert not await preferences.change(db, ada.hand, ada.all.subscription_id, **same)
    assert await history(db) == []


async def test_kinds_that_no_form_offers_stay_when_only_the_rhythm_is_chosen(db: Database, ada: Ada) -> None:
    assert await preferences.change(db, ada.hand, ada.all.subscription_id, preset=None, rhythm=Rhythm.DAILY)
    [one, _] = (await ada.sees(db)).following
    assert (one.kinds, one.rhythm) == (DEADLINES, Rhythm.DAILY)


async def test_stopping_one_ends_one_and_undoing_takes_it_up_again(db: Database, ada: Ada) -> None:
    assert await preferences.stop_one(db, ada.hand, ada.ip.subscription_id)
    assert not await preferences.stop_one(db, ada.hand, ada.ip.subscription_id)
    seen = await ada.sees(db)
    assert [one.id for one in seen.following] == [ada.all.subscription_id]
    assert [one.id for one in seen.stopped] == [ada.ip.subscription_id]
    assert await preferences.undo(db, ada.hand, ada.ip.subscription_id)
    assert not await preferences.undo(db, ada.hand, ada.ip.subscription_id)
    assert len((await ada.sees(db)).following) == 2
    assert await history(db) == [
        ("ended", EndReason.PREFERENCES),
        ("undone", "on the page of preferences"),
    ]
    followers = {row["kind"]: row["followers"] for row in await rows(db, topic)}
    assert (followers["all"], followers["process"]) == (2, 1)


async def test_stopping_all_ends_all_and_each_can_be_undone(db: Database, ada: Ada) -> None:
    assert await preferences.stop_all(db, ada.hand) == 2
    assert await preferences.stop_all(db, ada.hand) == 0
    seen = await ada.sees(db)
    assert (len(seen.following), len(seen.stopped)) == (0, 2)
    for one in seen.stopped:
        assert await preferences.undo(db, ada.hand, one.id)
    assert len((await ada.sees(db)).following) == 2
    [ben] = [row for row in await rows(db, subscription) if row["subscriber_id"] != ada.all.subscriber_id]
    assert ben["state"] == "active"


async def test_a_stop_can_be_undone_for_seven_days(db: Database, ada: Ada) -> None:
    await preferences.stop_one(db, ada.hand, ada.ip.subscription_id)
    within = await hand_of(db, now=LATER + timedelta(days=7))
    after = await hand_of(db, now=LATER + timedelta(days=7, seconds=1))
    assert (await preferences.see(db, after)).stopped == ()
    assert not await preferences.undo(db, after, ada.ip.subscription_id)
    assert await preferences.undo(db, within, ada.ip.subscription_id)


async def test_what_was_asked_for_again_needs_no_undoing(db: Database, ada: Ada) -> None:
    await preferences.stop_one(db, ada.hand, ada.ip.subscription_id)
    await follow(db, "Ada", IP, now=LATER)
    assert (await ada.sees(db)).stopped == ()
    assert not await preferences.undo(db, ada.hand, ada.ip.subscription_id)


async def test_what_was_asked_for_again_and_not_confirmed_ends_with_the_undoing(
    db: Database, ada: Ada
) -> None:
    await preferences.stop_one(db, ada.hand, ada.ip.subscription_id)
    await sign_up(db, "ada@example.org", IP)
    await sign_up(db, "ada@example.org", procedure_topic(1))
    asked, other = (await rows(db, subscription))[-2:]
    assert await preferences.undo(db, ada.hand, ada.ip.subscription_id)
    view = await press_confirm(db, SIGNER.sign(Purpose.CONFIRM, asked["id"], asked["nonce"]))
    assert view.state is LinkState.DONE
    ended, untouched = (await rows(db, subscription))[-2:]
    assert (ended["state"], ended["ended_reason"]) == ("ended", EndReason.NEVER_CONFIRMED)
    assert untouched == other
    lines = [row for row in await rows(db, subscription_history) if row["subscription_id"] == asked["id"]]
    assert [(row["what"], row["detail"]) for row in lines] == [
        ("asked", ""),
        ("ended", EndReason.NEVER_CONFIRMED),
    ]
    assert {row["kind"]: row["followers"] for row in await rows(db, topic)}["process"] == 1
    await preferences.stop_one(db, ada.hand, ada.ip.subscription_id)
    assert await preferences.undo(db, ada.hand, ada.ip.subscription_id), "a second stop can be undone too"


async def test_reminders_are_switched_for_everything_and_stay_so(db: Database, ada: Ada) -> None:
    assert await preferences.set_reminders(db, ada.hand, on=False)
    assert not await preferences.set_reminders(db, ada.hand, on=False)
    seen = await ada.sees(db)
    assert not seen.reminders
    assert [one.kinds for one in seen.following] == [
        reminding(DEADLINES, on=False),
        kinds_of(Preset.OPENINGS),
    ]
    await preferences.change(
        db, ada.hand, ada.ip.subscription_id, preset=Preset.EVERY_STEP, rhythm=Rhythm.AT_ONCE
    )
    [_, ip] = (await ada.sees(db)).following
    assert ip.kinds == reminding(kinds_of(Preset.EVERY_STEP), on=False)
    assert await preferences.set_reminders(db, ada.hand, on=True)
    seen = await ada.sees(db)
    assert [one.kinds for one in seen.following] == [DEADLINES, kinds_of(Preset.EVERY_STEP)]
    assert (await history(db))[0][1].startswith(
        "Deadlines and results, at once, with reminders before comments close → "
        "Deadlines and results, at once, without reminders"
    )


async def test_what_is_taken_up_again_has_the_reminders_of_today(db: Database, ada: Ada) -> None:
    await preferences.stop_one(db, ada.hand, ada.all.subscription_id)
    await preferences.set_reminders(db, ada.hand, on=False)
    await preferences.undo(db, ada.hand, ada.all.subscription_id)
    assert (await ada.sees(db)).following[0].kinds == reminding(DEADLINES, on=False)


async def test_erasing_forgets_the_address_at_once_and_keeps_only_its_keyed_hash(
    db: Database, ada: Ada
) -> None:
    await sign_up(db, "ada@example.org", procedure_topic(1))
    pending = (await rows(db, subscription))[-1]
    await preferences.erase_me(db, ada.hand)
    gone = (await rows(db, subscriber))[0]
    assert (gone["address"], gone["address_key"]) == (None, None)
    assert gone["address_hash"] == SIGNER.address_hash("ada@example.org")
    ends = [row["ended_reason"] for row in await rows(db, subscription)]
    assert ends == [EndReason.ERASED, EndReason.ERASED, None, EndReason.NEVER_CONFIRMED]
    with pytest.raises(AccessOver):
        await ada.sees(db)
    await press_confirm(db, SIGNER.sign(Purpose.CONFIRM, pending["id"], pending["nonce"]))
    assert (await rows(db, subscription))[-1]["state"] == "ended"
    assert "ada@" not in str([await rows(db, table) for table in (subscriber, subscription_history)])


Change = Callable[[Database, Hand, int], Awaitable[object]]


async def _openings_only(db: Database, hand: Hand, one: int) -> object:
    return await preferences.change(db, hand, one, preset=Preset.OPENINGS, rhythm=Rhythm.AT_ONCE)


async def _all_stopped(db: Database, hand: Hand, _: int) -> object:
    return await preferences.stop_all(db, hand)


async def _erased(db: Database, hand: Hand, _: int) -> object:
    return await preferences.erase_me(db, hand)


@pytest.mark.parametrize("change", [_openings_only, preferences.stop_one, _all_stopped, _erased])
async def test_mail_that_is_queued_and_not_sent_follows_every_change(db: Database, change: Change) -> None:
    known = await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8))), now=BEGIN)
    ada = await follow(db, "Ada", procedure_topic(known.procedure_id))
    hand = await hand_of(db)
    await claim_letters(db, BEGIN)
    now = london(2022, 9, 8)
    await sweep(db, now)
    assert await fan_out(db, now) == 1
    await change(db, hand, ada.subscription_id)
    assert await claim_letters(db, now) == []
    assert (await rows(db, delivery))[-1]["state"] == DeliveryState.CANCELLED


async def test_nothing_of_others_can_be_changed_whatever_number_is_sent(db: Database, ada: Ada) -> None:
    [ben] = [row for row in await rows(db, subscription) if row["subscriber_id"] != ada.all.subscriber_id]
    before = await rows(db, subscription)
    for id_ in (ben["id"], 0, 10**6, 2**62):
        assert not await preferences.change(db, ada.hand, id_, preset=Preset.OPENINGS, rhythm=Rhythm.WEEKLY)
        assert not await preferences.stop_one(db, ada.hand, id_)
        assert not await preferences.undo(db, ada.hand, id_)
    assert await rows(db, subscription) == before


async def test_a_page_that_has_ended_changes_nothing(db: Database, ada: Ada) -> None:
    late = Session(text=ada.hand.session.text, signer=SIGNER, machine_now=MACHINE_NOW + timedelta(minutes=31))
    hand = Hand(session=late, now=LATER, daily_at=RULES.announce_at)
    one = ada.all.subscription_id
    before = await rows(db, subscription)
    for act in (
        preferences.see(db, hand),
        preferences.change(db, hand, one, preset=Preset.OPENINGS, rhythm=Rhythm.WEEKLY),
        preferences.stop_one(db, hand, one),
        preferences.stop_all(db, hand),
        preferences.undo(db, hand, one),
        preferences.set_reminders(db, hand, on=False),
        preferences.erase_me(db, hand),
    ):
        with pytest.raises(AccessOver):
            await act
    assert await rows(db, subscription) == before
