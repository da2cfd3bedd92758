"""Binding: what a claimed delivery says is decided at the last moment, and kept as evidence."""

from datetime import date
from email.message import EmailMessage

from sqlalchemy import select, update

from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Letter
from notifier.delivery.tables import delivery
from notifier.events.interest import Preset, kinds_of
from notifier.events.tables import variant, variant_event
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    SIGNER,
    Person,
    claim_letters,
    consultation,
    end,
    fan_out,
    follow,
    london,
    meeting,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.events.mail_reader import Page, assert_fit_for_the_wire, body
from tests.events.mail_reader import read as parse

OPENING = london(2022, 10, 14)
BOTH = (meeting("ipac-1", date(2022, 10, 14)), consultation(date(2022, 10, 14), date(2022, 11, 11)))
WITH_OPENING = snapshot(BOTH[1])
WITH_MEETING = snapshot(BOTH[0], number=2)


async def _announced(db: Database) -> None:
    """Announce an opening and a meeting of two procedures at one moment, to everybody."""
    await read(db, WITH_OPENING, now=BEGIN)
    await read(db, WITH_MEETING, now=BEGIN)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)


async def _evidence(db: Database) -> dict[int, list[int]]:
    """Return which events each subscriber was sent."""
    query = (
        select(delivery.c.subscriber_id, variant_event.c.event_seq)
        .join(variant_event, variant_event.c.variant_id == delivery.c.variant_id)
        .order_by(variant_event.c.event_seq)
    )
    found: dict[int, list[int]] = {}
    async with db.read() as conn:
        for row in await conn.execute(query):
            found.setdefault(row.subscriber_id, []).append(row.event_seq)
    return found


async def _states(db: Database) -> dict[int, str]:
    return {row["subscriber_id"]: row["state"] for row in await rows(db, delivery)}


def _plain(message: EmailMessage) -> str:
    """Return the plain text as one line."""
    return " ".join(body(message, "plain").split())


def _link(message: EmailMessage) -> str:
    return Page(body(message, "html")).links["Stop these alerts"]


def _parsed(letter: Letter) -> EmailMessage:
    assert_fit_for_the_wire(letter.content)
    return parse(letter.content)


async def test_a_letter_goes_to_its_person_and_says_why(db: Database) -> None:
    await follow(db, "Ada", now=london(2022, 9, 3))
    await _announced(db)
    [letter] = await claim_letters(db, OPENING)
    message = _parsed(letter)
    assert letter.recipient == message["To"] == "ada@example.org"
    assert letter.sender == "alerts@alerts.example.org"
    assert message["Reply-To"] == "help@alerts.example.org"
    why = "You asked Example Alerts on 3 September 2022 for alerts about all topics."
    assert why in _plain(message)
    assert why in Page(body(message, "html")).text
    assert message["Date"].datetime == OPENING


async def test_each_person_has_a_stop_link_of_their_own(db: Database) -> None:
    people = [await follow(db, name) for name in ("Ada", "Ben")]
    await _announced(db)
    letters = await claim_letters(db, OPENING)
    links = [_link(_parsed(letter)) for letter in letters]
    assert len(set(links)) == 2
    for letter, link, person in zip(letters, links, people, strict=True):
        assert letter.subscriber_id == person.subscriber_id
        token = SIGNER.read(Purpose.STOP, link.removeprefix("https://alerts.example.org/stop/"))
        assert token is not None
        assert token.row_id == letter.delivery_id
        assert _parsed(letter)["List-Unsubscribe"] == f"<{link}>"
        assert link in _plain(_parsed(letter))


async def test_nobodys_letter_holds_anything_of_somebody_else(db: Database) -> None:
    await follow(db, "Ada")
    await follow(db, "Ben")
    await _announced(db)
    ada, ben = await claim_letters(db, OPENING)
    assert b"ben@example.org" not in ada.content
    assert b"ada@example.org" not in ben.content
    assert _link(parse(ada.content)).rpartition("/")[2].encode() not in ben.content


async def test_several_events_of_one_moment_are_one_letter(db: Database) -> None:
    await follow(db, "Ada")
    await _announced(db)
    [letter] = await claim_letters(db, OPENING)
    message = _parsed(letter)
    assert message["Subject"] == "2 updates: 1 due to open, 1 meeting"
    assert "IP1783" in _plain(message)
    assert "IP2" in _plain(message)


async def test_a_letter_says_only_what_its_person_chose(db: Database) -> None:
    ada = await follow(db, "Ada", preset=Preset.EVERY_STEP)
    ben = await follow(db, "Ben", preset=Preset.OPENINGS)
    await _announced(db)
    of_ada, of_ben = (parse(letter.content) for letter in await claim_letters(db, OPENING))
    assert of_ada["Subject"].startswith("2 updates")
    assert of_ben["Subject"].startswith("Due to open today: ")
    found = await _evidence(db)
    assert (found[ada.subscriber_id], len(found[ben.subscriber_id])) == ([1, 2], 1)


async def test_who_gets_the_same_shares_a_variant_and_that_is_the_evidence(db: Database) -> None:
    people = [await follow(db, name) for name in ("Ada", "Ben", "Cleo")]
    await _announced(db)
    await claim_letters(db, OPENING)
    [shared] = await rows(db, variant)
    assert (shared["events_key"], shared["language"]) == ("1,2", "en")
    assert await _evidence(db) == {one.subscriber_id: [1, 2] for one in people}


async def test_who_stopped_since_the_fan_out_is_sent_nothing(db: Database) -> None:
    ada = await follow(db, "Ada")
    ben = await follow(db, "Ben")
    await _announced(db)
    await end(db, ada, now=OPENING)
    assert [letter.recipient for letter in await claim_letters(db, OPENING)] == ["ben@example.org"]
    assert await _states(db) == {
        ada.subscriber_id: DeliveryState.CANCELLED,
        ben.subscriber_id: DeliveryState.SENDING,
    }
    assert ada.subscriber_id not in await _evidence(db)
    done = {row["subscriber_id"]: row["done_at"] for row in await rows(db, delivery)}
    assert done == {ada.subscriber_id: OPENING, ben.subscriber_id: None}


async def test_who_stopped_one_of_two_ways_gets_what_the_other_still_wants(db: Database) -> None:
    await follow(db, "Ada", EVERYTHING)
    await read(db, WITH_OPENING, now=BEGIN)
    procedure = await read(db, WITH_MEETING, now=BEGIN)
    everything = await follow(db, "Ben", EVERYTHING)
    await follow(db, "Ben", procedure_topic(procedure.procedure_id))
    await _announced(db)
    await end(db, everything, now=OPENING)
    of_ben = parse((await claim_letters(db, OPENING))[1].content)
    assert "IP2" in of_ben["Subject"]
    assert "for alerts about IP2." in _plain(of_ben)


async def test_a_change_of_mind_since_the_fan_out_counts(db: Database) -> None:
    ada = await follow(db, "Ada", preset=Preset.EVERY_STEP)
    await _announced(db)
    await _choose(db, ada, Preset.OPENINGS)
    [letter] = await claim_letters(db, OPENING)
    assert parse(letter.content)["Subject"].startswith("Due to open today: ")


async def _choose(db: Database, person: Person, preset: Preset) -> None:
    async with db.write(Rank.WEB) as conn:
        where = subscription.c.id == person.subscription_id
        await conn.execute(update(subscription).where(where).values(kinds=kinds_of(preset)))


async def test_a_letter_sent_again_keeps_its_message_id(db: Database) -> None:
    await follow(db, "Ada")
    await follow(db, "Ben")
    await _announced(db)
    first = await claim_letters(db, OPENING)
    async with db.write(Rank.OUTCOMES) as conn:
        await conn.execute(update(delivery).values(state=DeliveryState.PENDING, owner_id=None))
    again = await claim_letters(db, london(2022, 10, 14, 10))
    ids = [[parse(letter.content)["Message-ID"] for letter in letters] for letters in (first, again)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert len(await rows(db, variant)) == 1


async def test_the_why_line_names_the_oldest_way_in_which_somebody_asked(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada", procedure_topic(known.procedure_id), now=london(2022, 9, 3))
    await follow(db, "Ada", EVERYTHING, now=london(2022, 9, 5))
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    [letter] = await claim_letters(db, OPENING)
    expected = "You asked Example Alerts on 3 September 2022 for alerts about IP1783."
    assert expected in _plain(parse(letter.content))


async def test_a_late_letter_says_that_it_is_late(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, WITH_OPENING, now=BEGIN)
    late = london(2022, 10, 16, 10)
    await sweep(db, late)
    await fan_out(db, late)
    [letter] = await claim_letters(db, late)
    message = parse(letter.content)
    assert message["Subject"].startswith("Late: ")
    assert "This alert is 2 days late" in _plain(message)
