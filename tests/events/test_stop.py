"""Stopping by the link in a mail: it ends what that mail was sent for, once, and nothing else."""

from datetime import date, timedelta

import pytest

from notifier.db import Database, Rank
from notifier.delivery.model import Letter
from notifier.events import preferences
from notifier.events.interest import Preset
from notifier.events.stop import StopView, look, send_link, stop, stop_delivery, undo
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.fence import Answer
from notifier.subscriptions.model import EndReason, Rhythm, SubscriptionState
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import subscription, subscription_history, topic
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.cast import (
    BEGIN,
    SIGNER,
    Person,
    claim_letters,
    consultation,
    fan_out,
    fence,
    follow,
    london,
    meeting,
    read,
    rows,
    sign_up,
    snapshot,
    sweep,
)
from tests.events.mail_reader import Page, body
from tests.events.mail_reader import read as parse
from tests.events.test_preferences import hand_of

NOW = london(2022, 9, 8)
HERE, THERE = (snapshot(meeting("ipac-1", date(2022, 9, day)), number=day) for day in (8, 22))


def _token(letter: Letter) -> str:
    return Page(body(parse(letter.content), "html")).links["Stop these alerts"].rpartition("/")[2]


async def _letters(db: Database) -> list[Letter]:
    await sweep(db, NOW)
    await fan_out(db, NOW)
    return await claim_letters(db, NOW)


async def _stop(db: Database, text: str) -> StopView | None:
    return await stop(db, text=text, signer=SIGNER, reason=EndReason.ONE_CLICK, now=NOW)


async def _active(db: Database) -> list[int]:
    return [row["id"] for row in await rows(db, subscription) if row["state"] == SubscriptionState.ACTIVE]


async def _ada_follows_both(db: Database) -> tuple[Person, Person]:
    here, there = [await read(db, one, now=BEGIN) for one in (HERE, THERE)]
    return (
        await follow(db, "Ada", procedure_topic(here.procedure_id)),
        await follow(db, "Ada", procedure_topic(there.procedure_id)),
    )


async def test_the_link_ends_only_what_its_mail_was_sent_for(db: Database) -> None:
    here, there = await _ada_follows_both(db)
    ben = await follow(db, "Ben")
    ada, _ = await _letters(db)
    view = await _stop(db, _token(ada))
    assert view is not None
    assert [one.id for one in view.causes] == [here.subscription_id]
    assert await _active(db) == [there.subscription_id, ben.subscription_id]
    ended = (await rows(db, subscription))[0]
    assert (ended["ended_reason"], ended["ended_at"], ended["ended_seq"]) == (EndReason.ONE_CLICK, NOW, 1)


async def test_a_mail_that_two_followings_caused_ends_both(db: Database) -> None:
    here, there = await _ada_follows_both(db)
    everything = await follow(db, "Ada", EVERYTHING)
    process = await follow(db, "Ada", Topic(kind=TopicKind.PROCESS, value="ip"))
    [ada] = await _letters(db)
    view = await _stop(db, _token(ada))
    assert view is not None
    causes = {here.subscription_id, everything.subscription_id, process.subscription_id}
    assert {one.id for one in view.causes} == causes
    assert await _active(db) == [there.subscription_id]


async def test_an_old_mail_stops_what_it_was_sent_for_though_its_kinds_are_not_chosen_any_more(
    db: Database,
) -> None:
    here, there = await _ada_follows_both(db)
    [ada] = await _letters(db)
    hand = await hand_of(db, now=NOW)
    changed = await preferences.change(
        db, hand, here.subscription_id, preset=Preset.OPENINGS, rhythm=Rhythm.AT_ONCE
    )
    assert changed
    view = await _stop(db, _token(ada))
    assert view is not None
    assert [one.id for one in view.causes] == [here.subscription_id]
    assert await _active(db) == [there.subscription_id]
    assert await undo(db, text=_token(ada), signer=SIGNER, now=NOW)


async def test_an_old_reminder_stops_what_it_was_sent_for_though_reminders_are_off(db: Database) -> None:
    days = consultation(date(2022, 9, 1), date(2022, 9, 15))
    known = await read(db, snapshot(days, number=8), now=BEGIN)
    ada = await follow(db, "Ada", procedure_topic(known.procedure_id))
    [letter] = await _letters(db)
    assert "7 days left" in parse(letter.content)["Subject"]
    assert await preferences.set_reminders(db, await hand_of(db, now=NOW), on=False)
    async with db.write(Rank.WEB) as conn:
        view = await stop_delivery(conn, letter.delivery_id, reason=EndReason.COMPLAINED, now=NOW)
    assert [one.id for one in view.causes] == [ada.subscription_id]
    assert await _active(db) == []


async def test_stopping_twice_is_stopping_once(db: Database) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    first, second = [await _stop(db, _token(ada)) for _ in range(2)]
    assert first is not None
    assert second is not None
    assert (len(first.active), len(second.active)) == (1, 0)
    assert [one.id for one in second.causes] == [one.id for one in first.causes]
    assert [row["what"] for row in await rows(db, subscription_history)].count("ended") == 1
    assert [row["followers"] for row in await rows(db, topic) if row["kind"] == "procedure"] == [0, 1]


async def test_looking_ends_nothing(db: Database) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    before = await rows(db, subscription)
    view = await look(db, text=_token(ada), signer=SIGNER, now=NOW)
    assert view is not None
    assert len(view.active) == 1
    assert await rows(db, subscription) == before


async def test_an_old_link_does_not_end_what_was_asked_for_again_since(db: Database) -> None:
    here, _ = await _ada_follows_both(db)
    [ada] = await _letters(db)
    await _stop(db, _token(ada))
    again = await follow(db, "Ada", procedure_topic((await read(db, HERE, now=NOW)).procedure_id), now=NOW)
    view = await _stop(db, _token(ada))
    assert view is not None
    assert [one.id for one in view.causes] == [here.subscription_id]
    assert again.subscription_id in await _active(db)


async def test_what_is_stopped_gets_no_more_letters(db: Database) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    await _stop(db, _token(ada))
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 22)), number=8), now=NOW)
    await sweep(db, london(2022, 9, 22))
    await fan_out(db, london(2022, 9, 22))
    [next_letter] = await claim_letters(db, london(2022, 9, 22))
    assert "IP22" in parse(next_letter.content)["Subject"]


async def test_a_link_that_is_not_ours_is_no_link(db: Database) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    good = _token(ada)
    token = SIGNER.read(Purpose.STOP, good)
    assert token is not None
    altered = ("b" if good[5] == "a" else "a").join((good[:5], good[6:]))
    others = (
        altered,
        good + "a",
        good[:-1],
        "",
        "not a link",
        "7" * 64,
        SIGNER.sign(Purpose.STOP, token.row_id, "another nonce"),
        SIGNER.sign(Purpose.STOP, token.row_id + 1, "nonce of nobody"),
        Signer(b"another secret").sign(Purpose.STOP, token.row_id, await _nonce(db, ada)),
        SIGNER.sign(Purpose.CONFIRM, token.row_id, await _nonce(db, ada)),
        SIGNER.sign(Purpose.MESSAGE, token.row_id, await _nonce(db, ada)),
    )
    for text in others:
        assert await look(db, text=text, signer=SIGNER, now=NOW) is None, text
        assert await _stop(db, text) is None, text
    assert len(await _active(db)) == 2


async def _nonce(db: Database, letter: Letter) -> str:
    from notifier.subscriptions import store

    async with db.read() as conn:
        nonce = await store.nonce_of(conn, letter.subscriber_id)
    assert nonce is not None
    return nonce


async def test_the_link_of_an_already_mail_stops_what_was_asked_for(db: Database) -> None:
    here, there = await _ada_follows_both(db)
    known = await read(db, HERE, now=BEGIN)
    await sign_up(db, "ada@example.org", procedure_topic(known.procedure_id))
    [reply] = await claim_letters(db, BEGIN)
    view = await _stop(db, _token(reply))
    assert view is not None
    assert [one.id for one in view.causes] == [here.subscription_id]
    assert await _active(db) == [there.subscription_id]


@pytest.mark.parametrize("reason", [EndReason.LINK, EndReason.ONE_CLICK])
async def test_how_it_was_stopped_is_kept(sqlite_db: Database, reason: EndReason) -> None:
    await _ada_follows_both(sqlite_db)
    [ada] = await _letters(sqlite_db)
    await stop(sqlite_db, text=_token(ada), signer=SIGNER, reason=reason, now=NOW)
    last = (await rows(sqlite_db, subscription_history))[-1]
    assert (last["what"], last["detail"], last["at"]) == ("ended", reason, NOW)


async def test_a_stop_is_taken_back_by_the_link_that_made_it(db: Database) -> None:
    here, there = await _ada_follows_both(db)
    [ada] = await _letters(db)
    await _stop(db, _token(ada))
    assert await undo(db, text=_token(ada), signer=SIGNER, now=NOW + timedelta(days=7))
    assert not await undo(db, text=_token(ada), signer=SIGNER, now=NOW)
    assert await _active(db) == [here.subscription_id, there.subscription_id]
    last = (await rows(db, subscription_history))[-1]
    assert (last["what"], last["detail"]) == ("undone", "with the link in a mail")


async def test_a_stop_is_not_taken_back_after_seven_days_nor_by_a_link_that_is_not_ours(
    db: Database,
) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    await _stop(db, _token(ada))
    late = NOW + timedelta(days=7, seconds=1)
    assert not await undo(db, text=_token(ada), signer=SIGNER, now=late)
    assert not await undo(db, text=_token(ada) + "a", signer=SIGNER, now=NOW)
    assert len(await _active(db)) == 1


async def test_nothing_is_taken_up_again_for_an_address_that_is_not_written_to(db: Database) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    await _stop(db, _token(ada))
    async with db.write(Rank.WEB) as conn:
        key = SIGNER.address_hash("ada@example.org")
        await suppress(conn, key, EndReason.COMPLAINED, now=NOW, until=None)
    assert not await undo(db, text=_token(ada), signer=SIGNER, now=NOW)
    assert len(await _active(db)) == 1


async def test_an_erased_address_is_taken_up_by_no_link(db: Database) -> None:
    here, _ = await _ada_follows_both(db)
    [ada] = await _letters(db)
    await _stop(db, _token(ada))
    async with db.write(Rank.WEB) as conn:
        await erase(conn, here.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=NOW)
    assert not await undo(db, text=_token(ada), signer=SIGNER, now=NOW)
    assert await send_link(db, text=_token(ada), fence=fence()) is Answer.UNKNOWN
    assert await _active(db) == []


async def test_the_link_in_a_mail_sends_the_other_link_to_its_own_address_alone(db: Database) -> None:
    await _ada_follows_both(db)
    [ada] = await _letters(db)
    answers = [await send_link(db, text=_token(ada), fence=fence()) for _ in range(4)]
    assert answers == [Answer.QUEUED] * 3 + [Answer.FENCED]
    assert await send_link(db, text=_token(ada)[:-1], fence=fence()) is Answer.UNKNOWN
    letters = await claim_letters(db, NOW)
    assert {letter.recipient for letter in letters} == {"ada@example.org"}
    assert all("Your link" in parse(letter.content)["Subject"] for letter in letters)
