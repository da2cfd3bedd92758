"""Sam, who runs the service, and the letters that reach him."""

from datetime import datetime, time
from email.message import EmailMessage

from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from notifier.delivery.model import Letter
from notifier.events.post import Post
from notifier.events.staff.mail import bind_staff
from notifier.events.staff.writing import write_staff_letters
from notifier.settings import Staff
from tests.cast import MACHINE_NOW, RULES, SENDER, SIGNER, VOICE
from tests.events.mail_reader import assert_fit_for_the_wire, body
from tests.events.mail_reader import read as parse
from tests.events.words_cast import SERVICE

SAM = "sam@charity.example"
STAFF = Staff(addresses=(SAM,), letter_at=time(15), receipts=False)
POST = Post(service=SERVICE, sender=SENDER, reply_to="help@alerts.example.org", signer=SIGNER, rules=RULES)


async def write(db: Database, now: datetime, *, staff: Staff = STAFF) -> list[str]:
    """Write what is due to staff; return the slots."""
    return list(await write_staff_letters(db, VOICE, staff, now=now, machine_now=MACHINE_NOW))


async def claim(db: Database, now: datetime, *, addresses: tuple[str, ...] = (SAM,)) -> list[Letter]:
    """Claim and bind what is ready for staff. Return the letters in the order of their addresses."""
    async with db.write(Rank.OUTCOMES) as conn:
        lease = await owners.register(conn, host="here", machine_now=MACHINE_NOW)
        claimed = await outbox.claim(conn, owner_id=lease.owner_id, limit=100, machine_now=MACHINE_NOW)
        found = await bind_staff(conn, claimed, post=POST, addresses=addresses, now=now)
        letters = found.write(range(len(found.delivery_ids)))
    return sorted(letters, key=lambda letter: letter.recipient)


def parsed(letter: Letter) -> EmailMessage:
    """Return a letter as a mail program reads it."""
    assert_fit_for_the_wire(letter.content)
    return parse(letter.content)


def plain(letter: Letter) -> str:
    """Return its plain text."""
    return body(parsed(letter), "plain")
