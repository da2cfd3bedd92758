"""Replies to people's own requests: the link they asked for, while it is still of use."""

from datetime import timedelta

from notifier.db import Database
from notifier.delivery.model import DeliveryState, Letter
from notifier.delivery.tables import delivery
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.retention import forget
from notifier.subscriptions.topics import procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    SIGNER,
    claim_letters,
    follow,
    london,
    press_confirm,
    read,
    rows,
    sign_up,
)
from tests.events.mail_reader import Page, assert_fit_for_the_wire, body
from tests.events.mail_reader import read as parse
from tests.events.words_cast import T


def _confirm_token(letter: Letter) -> str:
    link = Page(body(parse(letter.content), "html")).links["Open the link to confirm"]
    return link.removeprefix("https://alerts.example.org/confirm/")


async def _states(db: Database) -> list[str]:
    return [row["state"] for row in await rows(db, delivery)]


async def test_a_sign_up_is_answered_with_a_link_that_confirms_it(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    await sign_up(db, "Ada@Example.org", procedure_topic(known.procedure_id))
    [letter] = await claim_letters(db, BEGIN)
    assert_fit_for_the_wire(letter.content)
    message = parse(letter.content)
    assert message["Subject"] == "Confirm your alerts for IP1783 (link works for 48 hours)"
    text = " ".join(body(message, "plain").split())
    assert f"To get alerts about {T}, open this link" in text
    assert "Somebody gave this address to Example Alerts on 1 September 2022" in text
    assert "List-Unsubscribe" not in message
    assert (await press_confirm(db, _confirm_token(letter))).state is LinkState.GOOD


async def test_a_reply_goes_before_every_alert(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    assert [row["lane"] for row in await rows(db, delivery)] == [0]


async def test_a_confirmation_is_not_mailed_to_who_has_confirmed_meanwhile(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    [letter] = await claim_letters(db, BEGIN)
    await sign_up(db, "ada@example.org")
    await press_confirm(db, _confirm_token(letter))
    assert await claim_letters(db, BEGIN) == []
    assert await _states(db) == [DeliveryState.SENDING, DeliveryState.CANCELLED]


async def test_a_confirmation_is_not_mailed_when_its_time_is_over(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    later = BEGIN + timedelta(days=8)
    await forget(db, signer=SIGNER, now=later, machine_now=later)
    assert await claim_letters(db, later) == []
    assert await _states(db) == [DeliveryState.CANCELLED]


async def test_who_follows_already_is_told_so_with_a_link_to_stop(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    topic = procedure_topic(known.procedure_id)
    await follow(db, "Ada", topic, now=BEGIN)
    await sign_up(db, "ada@example.org", topic, now=london(2022, 9, 3))
    [letter] = await claim_letters(db, london(2022, 9, 3))
    message = parse(letter.content)
    assert message["Subject"] == "You already get alerts for IP1783"
    assert (
        Page(body(message, "html")).links["Stop these alerts"].startswith("https://alerts.example.org/stop/")
    )


async def test_a_reply_sent_again_keeps_its_message_id_and_its_link(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    await sign_up(db, "ada@example.org")
    first, second = await claim_letters(db, BEGIN)
    ids = {parse(letter.content)["Message-ID"] for letter in (first, second)}
    assert len(ids) == 2
    assert _confirm_token(first) == _confirm_token(second)
