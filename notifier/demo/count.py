"""The counted promise: who should have been told what, worked out anew, against what the inbox holds.

Nothing here looks at deliveries or expansions to know what was *expected*: it goes by events and
subscriptions alone. What was *accepted* is what the mail server really took.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from notifier.db import Database
from notifier.delivery.tables import delivery
from notifier.demo.inbox import Mail
from notifier.events.tables import event, event_topic, variant_event
from notifier.subscriptions.tables import subscriber, subscription
from notifier.subscriptions.tokens import Purpose, Signer

Alert = tuple[str, int]
"""(address, number of the event)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The promise, counted."""

    people: int
    expected: int
    accepted: int
    missing: int
    doubled: int

    def __str__(self) -> str:
        """Return the demo's last line."""
        people = "1 person" if self.people == 1 else f"{self.people} people"
        return (
            f"{people}: {self.expected} alerts expected, {self.accepted} accepted, "
            f"{self.missing} missing, {self.doubled} doubled"
        )

    @property
    def kept(self) -> bool:
        """Whether everybody was told everything, once."""
        return self.missing == 0 and self.doubled == 0


async def count(db: Database, signer: Signer, mails: Sequence[Mail]) -> Count:
    """Compare what was due to people with what the mail server took for them."""
    expected = await _expected(db)
    taken = Counter(str(mail.message["Message-ID"]).strip("<>").partition("@")[0] for mail in mails)
    accepted = await _accepted(db, signer, taken)
    return Count(
        people=len({address for address, _ in expected}),
        expected=len(expected),
        accepted=sum(1 for alert in expected if accepted[alert]),
        missing=sum(1 for alert in expected if not accepted[alert]),
        doubled=sum(times - 1 for times in accepted.values() if times > 1),
    )


async def _expected(db: Database) -> set[Alert]:
    events = select(event.c.seq, event_topic.c.topic_id, event_topic.c.kind_bit).join(
        event_topic, event_topic.c.event_seq == event.c.seq
    )
    people = select(subscription, subscriber.c.address).join(
        subscriber, subscriber.c.id == subscription.c.subscriber_id
    )
    async with db.read() as conn:
        said = (await conn.execute(events.where(~event.c.no_mail))).all()
        asked = (await conn.execute(people.where(subscription.c.state == "active"))).all()
    return {
        (one.address, news.seq)
        for news in said
        for one in asked
        if one.topic_id == news.topic_id and one.kinds & news.kind_bit and one.since_seq < news.seq
    }


async def _accepted(db: Database, signer: Signer, taken: Counter[str]) -> Counter[Alert]:
    query = (
        select(delivery.c.id, subscriber.c.nonce, subscriber.c.address, variant_event.c.event_seq)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .join(variant_event, variant_event.c.variant_id == delivery.c.variant_id)
    )
    found: Counter[Alert] = Counter()
    async with db.read() as conn:
        for row in await conn.execute(query):
            times = taken[signer.sign(Purpose.MESSAGE, row.id, row.nonce)]
            found[row.address, row.event_seq] += times
    return found
