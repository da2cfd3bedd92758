"""Writing to the service's own staff: what is due next, the outlook of a week, the receipt of a mailing."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.db import Database, Rank
from notifier.events.forecast import forecast
from notifier.events.staff import store as staff_store
from notifier.events.staff.calendar import StaffKind, StaffSlot, slots
from notifier.events.staff.model import StaffWords
from notifier.events.staff.outlook import Attention, outlook_words
from notifier.events.staff.words import letter_words, receipt_words
from notifier.events.voice import Voice
from notifier.procedures import hand_outlook, source_store
from notifier.settings import Staff

log = logging.getLogger(__name__)


async def write_staff_letters(
    db: Database, voice: Voice, staff: Staff, *, now: datetime, machine_now: datetime
) -> Sequence[str]:
    """Write each letter that is due at `now` and not written yet; call it at every sweep.

    Nothing is written while the instance is held: a copy of the service writes to nobody, staff included.
    Return the slot keys of what was written.
    """
    if not staff.addresses:
        return ()
    async with db.read() as conn:
        if await holds.any_stands(conn):
            return ()
        found = [*await _dated(conn, voice, staff, now), *await _receipts(conn, voice, staff, now)]
    written = []
    for key, words in found:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            if await staff_store.write(
                conn, key, words, addresses=staff.addresses, now=now, machine_now=machine_now
            ):
                written.append(key)
    if written:
        log.info("staff_letters_written", extra={"slots": written})
    return written


async def _dated(
    conn: AsyncConnection, voice: Voice, staff: Staff, now: datetime
) -> list[tuple[str, StaffWords]]:
    found = []
    for slot in slots(now, letter_at=staff.letter_at, rules=voice.rules):
        if not await staff_store.is_written(conn, slot.key):
            words = await _words(conn, voice, slot)
            found += [(slot.key, words)] if words else []
    return found


async def _words(conn: AsyncConnection, voice: Voice, slot: StaffSlot) -> StaffWords | None:
    """Return what a letter says; None where it would have nothing to say."""
    zone = voice.rules.zone.key
    coming = await forecast(conn, voice, start=slot.start, end=slot.end)
    if slot.kind is StaffKind.LETTER:
        return letter_words(slot, coming, zone=zone) if coming else None
    attention = Attention(
        held=await hand_outlook.held(conn),
        unread=await source_store.failing(conn),
        month_only=await hand_outlook.month_only(conn, first=slot.day, last=slot.last),
        overdue=await hand_outlook.overdue(conn, today=slot.day),
    )
    return outlook_words(slot, coming, attention, zone=zone)


async def _receipts(
    conn: AsyncConnection, voice: Voice, staff: Staff, now: datetime
) -> list[tuple[str, StaffWords]]:
    if not staff.receipts:
        return []
    return [
        (f"{StaffKind.RECEIPT}:{one.mailing_id}", receipt_words(one, zone=voice.rules.zone.key))
        for one in await staff_store.receipts_due(conn, now)
    ]
