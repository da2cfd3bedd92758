"""Replies to people's own requests: the link they asked for, while it is still of use."""

from datetime import timedelta

from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Letter
from notifier.delivery.tables import delivery
from notifier.subscriptions import access, address_change
from notifier.subscriptions.access import Session, open_once
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.model import EndReason, Rhythm
from notifier.subscriptions.retention import forget
from notifier.subscriptions.tables import access as access_table
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import Topic, TopicKind, procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    SIGNER,
    claim_letters,
    fence,
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


async def test_a_link_to_everything_is_mailed_once_it_is_asked_for_and_not_after_it_was_opened(
    db: Database,
) -> None:
    await follow(db, "Ada")
    for _ in range(2):
        await access.ask(db, address="ada@example.org", fence=fence())
    [first, second] = await claim_letters(db, BEGIN)
    for letter in (first, second):
        assert_fit_for_the_wire(letter.content)
    message = parse(first.content)
    assert message["Subject"] == "Your link to change your alerts (works for 30 minutes)"
    assert (message["To"], message["List-Unsubscribe"]) == ("ada@example.org", None)
    link = Page(body(message, "html")).links["Open your alerts"]
    begin = "https://alerts.example.org/preferences/open/"
    assert link.startswith(begin)
    await open_once(db, text=link.removeprefix(begin), signer=SIGNER, machine_now=MACHINE_NOW)
    assert "Somebody asked Example Alerts on 1 September 2022 for a link" in " ".join(
        body(message, "plain").split()
    )


async def test_a_link_that_was_opened_or_whose_owner_was_erased_is_not_mailed(db: Database) -> None:
    ada = await follow(db, "Ada")
    await access.ask(db, address="ada@example.org", fence=fence())
    row = (await rows(db, access_table))[-1]
    link = SIGNER.sign(Purpose.ACCESS, row["id"], row["nonce"])
    await open_once(db, text=link, signer=SIGNER, machine_now=MACHINE_NOW)
    await access.ask(db, address="ada@example.org", fence=fence())
    async with db.write(Rank.WEB) as conn:
        await erase(conn, ada.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=BEGIN)
    assert await claim_letters(db, BEGIN) == []
    assert await _states(db) == [DeliveryState.CANCELLED] * 2


async def test_a_link_whose_minutes_ran_out_on_its_way_is_not_mailed(db: Database) -> None:
    """Sending was paused, or the mail server away: by machine time, whatever the calendar says."""
    await follow(db, "Ada")
    await access.ask(db, address="ada@example.org", fence=fence())
    late = MACHINE_NOW + timedelta(minutes=30, seconds=1)
    assert await claim_letters(db, BEGIN, machine_now=late) == []
    assert await _states(db) == [DeliveryState.CANCELLED]
    await access.ask(db, address="ada@example.org", fence=fence(machine_now=late))
    [letter] = await claim_letters(db, BEGIN, machine_now=late + timedelta(minutes=30))
    assert str(parse(letter.content)["Subject"]).startswith("Your link")


async def test_a_new_address_is_asked_at_that_address(db: Database) -> None:
    await follow(db, "Ada")
    await access.ask(db, address="ada@example.org", fence=fence())
    row = (await rows(db, access_table))[-1]
    link = SIGNER.sign(Purpose.ACCESS, row["id"], row["nonce"])
    text = await open_once(db, text=link, signer=SIGNER, machine_now=MACHINE_NOW)
    session = Session(text=text, signer=SIGNER, machine_now=MACHINE_NOW)
    await address_change.ask(db, session=session, address="ada@new.example", fence=fence())
    [letter] = await claim_letters(db, BEGIN)
    assert_fit_for_the_wire(letter.content)
    message = parse(letter.content)
    assert message["Subject"] == "Confirm this address for your alerts (works for 48 hours)"
    assert message["To"] == "ada@new.example"
    assert "ada@example.org" not in body(message, "plain")
    link = Page(body(message, "html")).links["Open the link to confirm"]
    assert link.startswith("https://alerts.example.org/new-address/")


async def test_who_follows_already_is_shown_the_way_to_change_it(db: Database) -> None:
    await follow(db, "Ada")
    await sign_up(db, "ada@example.org")
    [letter] = await claim_letters(db, BEGIN)
    page = Page(body(parse(letter.content), "html"))
    assert "To change which alerts come, or how often, follow “Change what you get” below." in page.text
    assert page.links["Change what you get"] == "https://alerts.example.org/preferences"


async def test_a_process_is_named_as_its_procedures_spell_it(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await sign_up(db, "ada@example.org", Topic(kind=TopicKind.PROCESS, value="ip"), rhythm=Rhythm.DAILY)
    [letter] = await claim_letters(db, BEGIN)
    text = " ".join(body(parse(letter.content), "plain").split())
    assert "To get alerts about all topics of “IP”, open this link" in text
    assert "What you will get: Deadlines and results, daily at 9am, with reminders" in text
