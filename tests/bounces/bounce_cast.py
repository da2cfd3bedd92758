"""Mails that went out and were accepted, and what servers send back for them."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes

from notifier.bounces.ingest import Intake, Taken, take_in
from notifier.db import Database, Rank
from notifier.delivery import mailbox, outbox, owners
from notifier.delivery.model import Letter
from notifier.events.bind import MailBinder
from notifier.events.post import Post
from tests.bounces.sample_files import ENVELOPE, MAILBOX, MESSAGE, STOP, sample
from tests.cast import MACHINE_NOW, RULES, SENDER, SIGNER, written
from tests.events.words_cast import SERVICE

INTAKE = Intake(mailbox=MAILBOX, signer=SIGNER, soft_run=6)
POST = Post(
    service=SERVICE,
    sender=SENDER,
    reply_to="help@alerts.example.org",
    signer=SIGNER,
    rules=RULES,
    return_path=MAILBOX,
)
_STOP = re.compile(r"/stop/([a-z2-7]+)")
_MESSAGE_ID = re.compile(r"<([a-z2-7]+)@")


async def handed_over(
    db: Database, now: datetime, *, machine_now: datetime = MACHINE_NOW, accepted: bool = True
) -> list[Letter]:
    """Send what is ready, as the sender does; the next server takes all of it. Return the letters."""
    async with db.write(Rank.OUTCOMES) as conn:
        lease = await owners.register(conn, host="here", machine_now=machine_now)
        claimed = await outbox.claim(conn, owner_id=lease.owner_id, limit=100, machine_now=machine_now)
        claimed = await mailbox.leave_waiting(conn, claimed, machine_now=machine_now)
        bound = await MailBinder(post=POST, link_hours=48, staff=("staff@example.org",))(conn, claimed, now)
        await outbox.cancel(conn, bound.cancelled, now=now)
        if accepted and bound.letters:
            outcomes = [(one, 250, "2.0.0 Ok") for some in bound.letters for one in some.delivery_ids]
            await outbox.accept(conn, outcomes, owner_id=lease.owner_id, now=now)
    return sorted(written(bound), key=lambda letter: letter.recipient)


def returned(name: str, letter: Letter, *, note: str = "") -> bytes:
    """Return a sample as its server would have written it about this letter; `note` makes it another one."""
    tokens = {
        ENVELOPE: envelope_token(letter),
        STOP: stop_token(letter),
        MESSAGE: message_token(letter),
    }
    text = sample(name).decode()
    for invented, real in tokens.items():
        text = text.replace(invented, real).replace(invented.upper(), real.upper())
    return f"X-Note: {note}\n{text}".encode() if note else text.encode()


def envelope_token(letter: Letter) -> str:
    [token] = MAILBOX.tokens_in(letter.sender)
    return token


def stop_token(letter: Letter) -> str:
    found = _STOP.search(str(message_from_bytes(letter.content)["List-Unsubscribe"]))
    return found.group(1) if found else "none"


def message_token(letter: Letter) -> str:
    found = _MESSAGE_ID.search(str(message_from_bytes(letter.content)["Message-ID"]))
    assert found is not None
    return found.group(1)


async def feed(
    db: Database,
    raw: bytes,
    *,
    now: datetime,
    after: timedelta = timedelta(minutes=1),
    recipient: str | None = None,
    intake: Intake = INTAKE,
) -> Taken:
    """Take a message in, so long `after` it was sent (machine time)."""
    return await take_in(db, raw, intake, recipient=recipient, now=now, machine_now=MACHINE_NOW + after)
