"""Mail that is sent and answered: what the next server says of each letter, recorded as it is in earnest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from notifier.delivery.model import Letter
from tests.cast import MACHINE_NOW, binder, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server says: taken at 250; put off at 4xx, or where the connection was lost; else refused."""

    code: int | None = 250
    reply: str = "2.0.0 Ok: queued as 4711"
    lost: bool = False


TAKEN = Answer()
GREYLISTED = Answer(code=451, reply="4.7.1 Greylisted, come back later")
UNKNOWN = Answer(code=550, reply="5.1.1 No such user")
LOST = Answer(code=None, reply="the connection was lost", lost=True)


async def send(
    db: Database,
    now: datetime,
    answers: Mapping[str, Answer] | None = None,
    *,
    machine_now: datetime = MACHINE_NOW,
) -> list[Letter]:
    """Claim, bind and send what is ready; `answers` are by name, everybody else's mail is taken."""
    async with db.write(Rank.OUTCOMES) as conn:
        lease = await owners.register(conn, host="here", machine_now=machine_now)
        claimed = await outbox.claim(conn, owner_id=lease.owner_id, limit=100, machine_now=machine_now)
        bound = await binder()(conn, claimed, now)
        await outbox.cancel(conn, bound.cancelled, now=now)
    letters = written(bound)
    for letter in letters:
        answer = (answers or {}).get(letter.recipient.partition("@")[0], TAKEN)
        async with db.write(Rank.OUTCOMES) as conn:
            said = {"code": answer.code, "reply": answer.reply, "now": now, "owner_id": lease.owner_id}
            if answer.code == 250:
                outcome = (letter.delivery_id, 250, answer.reply)
                await outbox.accept(conn, [outcome], owner_id=lease.owner_id, now=now)
            elif answer.lost or (answer.code or 0) < 500:
                later = machine_now + timedelta(minutes=15)
                await outbox.retry(conn, letter, next_at=later, doubtful=answer.lost, **said)
            else:
                await outbox.fail(conn, letter, **said)
    return letters
