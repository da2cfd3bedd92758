"""Letters to staff as mails: fit for the wire, in both forms, and never too late to be true."""

from datetime import timedelta

from notifier.db import Database
from notifier.delivery.model import Claimed
from notifier.events.claimed import read_mailings
from notifier.events.personal import Personal
from notifier.events.staff.forms import compose
from notifier.events.staff.mail import bind_staff
from notifier.events.staff.model import Command, StaffItem, StaffSection, StaffWords
from notifier.events.tables import staff_letter
from tests.cast import BEGIN, IP1783, MACHINE_NOW, fan_out, follow, london, read, rows, sweep
from tests.events.letter_cast import ANN, SENDER
from tests.events.mail_reader import Page, assert_fit_for_the_wire, body
from tests.events.mail_reader import read as parse
from tests.events.staff.staff_cast import POST, SAM, claim, parsed, plain, write
from tests.events.words_cast import OWN_SERVICE, SERVICE

THURSDAY = london(2022, 10, 13, 15)
WHY = "You get this because your address stands in [staff] in the settings of Example Alerts"


async def _written(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await write(db, THURSDAY)


async def test_a_letter_carries_the_headers_of_a_machine_and_no_list(db: Database) -> None:
    await _written(db)
    [letter] = await claim(db, THURSDAY)
    message = parsed(letter)
    assert message["From"] == "Example Alerts <alerts@alerts.example.org>"
    assert (message["To"], message["Reply-To"]) == (SAM, "help@alerts.example.org")
    assert message["Date"].datetime == THURSDAY
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@alerts.example.org>")
    assert not [name for name in message.keys() if name.startswith("List-")]  # noqa: SIM118 - a message is no dict
    assert letter.about == ("staff:2022-10-13",)


async def test_both_forms_say_the_same_and_why_it_came(db: Database) -> None:
    await _written(db)
    [letter] = await claim(db, THURSDAY)
    page = Page(body(parsed(letter), "html"))
    for form in (" ".join(plain(letter).split()), page.text):
        assert "Tomorrow at 9am: IP1783 opens for comment, nobody." in form
        assert "notifier procedure hold GID-IPG1783 consultation" in form
        assert WHY in form
        assert "This service is not run by NICE." in form
    assert page.loaded == []


async def test_a_letter_sent_again_keeps_its_message_id(db: Database) -> None:
    await _written(db)
    first = await claim(db, THURSDAY)
    async with db.read() as conn:
        again = Claimed(
            delivery_id=first[0].delivery_id,
            mailing_id=(await rows(db, staff_letter))[0]["mailing_id"],
            subscriber_id=first[0].subscriber_id,
            part=0,
            attempts=1,
            doubtful=0,
            claimed_at=MACHINE_NOW,
        )
        unwritten = await bind_staff(
            conn, [again], post=POST, addresses=[SAM], now=THURSDAY + timedelta(hours=1)
        )
    assert parsed(unwritten.write(range(1))[0])["Message-ID"] == parsed(first[0])["Message-ID"]


async def test_a_letter_that_was_held_up_over_midnight_is_not_sent(db: Database) -> None:
    await _written(db)
    assert await claim(db, london(2022, 10, 14, 0)) == []


async def test_an_address_that_left_the_settings_gets_nothing_more(db: Database) -> None:
    await _written(db)
    assert await claim(db, THURSDAY, addresses=("kim@charity.example",)) == []


async def test_the_mail_of_readers_is_nobodys_here(db: Database) -> None:
    await follow(db, "Ada")
    await _written(db)
    await sweep(db, london(2022, 9, 8))
    await fan_out(db, london(2022, 9, 8))
    assert [letter.recipient for letter in await claim(db, THURSDAY)] == [SAM]
    [mailing_id] = [row["mailing_id"] for row in await rows(db, staff_letter)]
    async with db.read() as conn:
        mailings = await read_mailings(conn, range(mailing_id + 5))
    assert [id_ for id_, one in mailings.items() if one.to_staff] == [mailing_id]


NASTY = StaffWords(
    subject="Zoë\r\nBcc: everybody@example.org " + "very " * 30,
    lead="<script>alert(1)</script> & more.\n.\nFrom the start " + "x" * 300,
    sections=(
        StaffSection(
            heading="A <b>heading</b>",
            items=(
                StaffItem(
                    text="An item “quoted”.",
                    commands=(Command(purpose="To hold it", line="notifier hold 'a b'"),),
                ),
            ),
        ),
    ),
)


def _composed(words: StaffWords, personal: Personal = ANN) -> bytes:
    return compose(words, personal, service=SERVICE, sender=SENDER, reply_to=None)


def test_no_text_breaks_out_of_its_place() -> None:
    content = _composed(NASTY)
    assert_fit_for_the_wire(content)
    message = parse(content)
    assert message["Bcc"] is None
    assert message["Reply-To"] is None
    page = Page(body(message, "html"))
    assert "<script>alert(1)</script> & more." in page.text
    assert "notifier hold 'a b'" in page.text
    assert "notifier hold 'a b'" in body(message, "plain")


def test_the_bodys_own_service_does_not_say_that_it_is_another() -> None:
    content = compose(NASTY, ANN, service=OWN_SERVICE, sender=SENDER, reply_to=None)
    assert "is not run by" not in body(parse(content), "plain")
