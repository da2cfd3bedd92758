"""Believing: a message speaks of a delivery only by a token that its servers and its reader alone saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.tables import delivery
from notifier.subscriptions.return_path import envelope_nonce
from notifier.subscriptions.tables import subscriber
from notifier.subscriptions.tokens import Purpose, Signer


class Weight(IntEnum):
    """What a token proves."""

    LINK = 1
    """Whoever shows it has the mail, or was forwarded it: it stops what the mail was sent for."""
    ENVELOPE = 2
    """It was in the envelope to the very address that mail goes to now: it speaks for the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A delivery that a message speaks of, and with which weight."""

    delivery_id: int
    subscriber_id: int
    weight: Weight


async def prove(conn: AsyncConnection, tokens: Sequence[str], signer: Signer) -> Proven | None:
    """Return what these tokens prove, the weightiest of them; None: nothing."""
    found = [one for text in tokens if (one := await _proven(conn, text, signer)) is not None]
    return max(found, key=lambda one: one.weight, default=None)


async def _proven(conn: AsyncConnection, text: str, signer: Signer) -> Proven | None:
    token = signer.read(Purpose.BOUNCE, text)
    if token is None:
        return None
    query = (
        select(delivery.c.subscriber_id, subscriber.c.nonce, subscriber.c.address)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .where(delivery.c.id == token.row_id)
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    links = (replace(token, purpose=purpose) for purpose in (Purpose.STOP, Purpose.MESSAGE))
    if signer.believes(token, envelope_nonce(row.nonce, row.address or "")):
        weight = Weight.ENVELOPE
    elif any(signer.believes(link, row.nonce) for link in links):
        weight = Weight.LINK
    else:
        return None
    return Proven(delivery_id=token.row_id, subscriber_id=row.subscriber_id, weight=weight)
