"""Binding letters to staff: what was written becomes a mail, unless it would come too late to be true."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, Letter, Unwritten
from notifier.delivery.tables import delivery
from notifier.delivery.wire import data_of
from notifier.events.personal import Personal
from notifier.events.post import Post, Recipient
from notifier.events.staff import store as staff_store
from notifier.events.staff.calendar import is_fresh, kind_of
from notifier.events.staff.forms import compose
from notifier.events.tables import mailing, staff_letter
from notifier.events.titles import clean
from notifier.procedures.due import Rules
from notifier.subscriptions.tables import subscriber


async def bind_staff(
    conn: AsyncConnection,
    claimed: Sequence[Claimed],
    *,
    post: Post,
    addresses: Collection[str],
    now: datetime,
) -> Unwritten:
    """Return the letters of those deliveries that are for staff; the others are nobody's here.

    Left out, to be cancelled, is what is no longer true (a letter about tomorrow, tomorrow) and what would go
    to an address that the settings name no more: only `addresses` are written to.
    """
    if not claimed:
        return Unwritten(delivery_ids=(), write=lambda _: [])
    query = (
        select(delivery.c.id, mailing.c.slot_key, mailing.c.not_before, staff_letter.c.body)
        .add_columns(subscriber.c.address, subscriber.c.address_key, subscriber.c.nonce)
        .join(mailing, mailing.c.id == delivery.c.mailing_id)
        .join(staff_letter, staff_letter.c.mailing_id == mailing.c.id)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .where(delivery.c.id.in_([one.delivery_id for one in claimed]))
    )
    rows = {row["id"]: row for row in (await conn.execute(query)).mappings()}
    named = {staff_store.address_key(one) for one in addresses}
    kept = [
        one
        for one in claimed
        if one.delivery_id in rows
        and rows[one.delivery_id]["address_key"] in named
        and _still_true(rows[one.delivery_id], post.rules, now)
    ]
    return Unwritten(
        delivery_ids=[one.delivery_id for one in kept],
        write=lambda places: [
            _letter(kept[place], rows[kept[place].delivery_id], post, now) for place in places
        ],
    )


def _still_true(row: RowMapping, rules: Rules, now: datetime) -> bool:
    return is_fresh(kind_of(row["slot_key"]), row["not_before"], now, rules=rules)


def _letter(one: Claimed, row: RowMapping, post: Post, now: datetime) -> Letter:
    to = Recipient(address=row["address"], nonce=row["nonce"])
    why = (
        "You get this because your address stands in [staff] in the settings of "
        f"{clean(post.service.name)}; whoever runs it can take it out there."
    )
    personal = Personal(
        recipient=to.address,
        message_id=post.message_id(one, to),
        sent_at=now.astimezone(post.rules.zone),
        why_line=why,
        link_url=post.service.public_url,
    )
    words = staff_store.words_of(row["body"])
    return Letter(
        delivery_id=one.delivery_id,
        subscriber_id=one.subscriber_id,
        attempts=one.attempts,
        doubtful=one.doubtful,
        sender=post.envelope_sender(one, to),
        recipient=to.address,
        parts=(
            data_of(
                compose(
                    words,
                    personal,
                    service=post.service,
                    sender=post.sender,
                    reply_to=post.reply_to,
                    stationery=post.stationery,
                )
            ),
        ),
        about=(row["slot_key"],),
    )
