"""Taking in a message that came back: one transaction counts it, and does what it is proof enough for.

The same message counts once, however often and by however many processes it is fed: its fingerprint is
unique.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.bounces import store
from notifier.bounces.backoff import next_run, wait_after
from notifier.bounces.model import BounceKind, Returned
from notifier.bounces.proof import Proven, Weight, prove
from notifier.bounces.reading import read
from notifier.bounces.share import too_many_without_mailbox
from notifier.db import Database, Rank
from notifier.delivery import mailbox
from notifier.events.stop import stop_delivery
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.return_path import ReturnPath
from notifier.subscriptions.suppression import is_suppressed
from notifier.subscriptions.tokens import Signer
from notifier.subscriptions.unreachable import end_address, end_all

_LEAST_WEIGHT = {BounceKind.COMPLAINT: Weight.LINK, BounceKind.UNSUBSCRIBE: Weight.LINK}
"""What must be proven for these; all else speaks of an address, and is believed by the envelope alone."""

log = logging.getLogger(__name__)


class Became(StrEnum):
    """What came of a message."""

    ENDED = "ended"
    """All that an address follows."""
    STOPPED = "stopped"
    """What one mail was sent for."""
    PUT_BACK = "put back"
    """The mail is sent again later."""
    COUNTED = "counted"
    """And nothing more: there is nothing to do, or nothing is sent that could be stopped."""
    DOUBTED = "doubted"
    """Counted too; so many addresses at once are not believed to have no mailbox."""
    UNPROVEN = "unproven"
    """Counted too; it has no token of ours, or one that does not prove as much as it says."""
    KNOWN = "known"
    """The very same message was taken in before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that is taken in: what it is, and what came of it."""

    kind: BounceKind
    became: Became


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a message is judged by. `soft_run`: how many waits an address gets before it is ended."""

    mailbox: ReturnPath
    signer: Signer
    soft_run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """The two times of one transaction."""

    calendar: datetime
    machine: datetime


async def take_in(
    db: Database,
    raw: bytes,
    intake: Intake,
    *,
    recipient: str | None = None,
    now: datetime,
    machine_now: datetime,
) -> Taken:
    """Take in one message; `recipient` is the envelope's, where whoever hands it over knows it.

    Only what bears an authentic token has an effect: anybody may write to a mailbox.
    """
    found = await asyncio.to_thread(read, raw, mailbox=intake.mailbox, recipient=recipient)
    at = _At(calendar=now, machine=machine_now)
    async with db.write(Rank.OUTCOMES) as conn:
        proven = await prove(conn, (*found.arrived_at, *found.enclosed), intake.signer)
        if proven is not None and proven.weight < _LEAST_WEIGHT.get(found.fate.kind, Weight.ENVELOPE):
            proven = None
        if not await store.note(conn, raw, found.fate, proven, now=now):
            became = Became.KNOWN
        elif proven is None:
            became = Became.UNPROVEN
        else:
            became = await _act(conn, found, proven, intake, at)
    log.info("mail_came_back", extra={"kind": found.fate.kind.value, "became": became.value})
    return Taken(kind=found.fate.kind, became=became)


async def _act(conn: AsyncConnection, found: Returned, proven: Proven, intake: Intake, at: _At) -> Became:
    act = _ACTS.get(found.fate.kind)
    return Became.COUNTED if act is None else await act(conn, proven, intake, at)


async def _hard(conn: AsyncConnection, proven: Proven, intake: Intake, at: _At) -> Became:
    if await too_many_without_mailbox(conn):
        return Became.DOUBTED
    await end_address(conn, proven.subscriber_id, at.calendar, signer=intake.signer, reason=EndReason.BOUNCED)
    return Became.ENDED


async def _soft(conn: AsyncConnection, proven: Proven, intake: Intake, at: _At) -> Became:
    """Send the mail again after a while, and nothing before; end the address after a run of such waits."""
    before = await store.soft_run(conn, proven.subscriber_id)
    if not before.is_reader or not await _is_written_to(conn, proven, before.address_key, intake, at):
        return Became.COUNTED
    waits = before.mail_after is not None and at.machine < before.mail_after
    run = before.count if waits else next_run(before.count, before.last_at, at.machine)
    # What was on its way before the wait began comes back with the rest, and is no bounce more in a row.
    until = before.mail_after if waits and before.mail_after else at.machine + wait_after(run)
    if not await mailbox.came_back(conn, proven.delivery_id, next_at=until):
        return Became.COUNTED  # it is on its way again already, or was given up
    if run > intake.soft_run:
        await end_all(conn, proven.subscriber_id, reason=EndReason.SOFT_BOUNCED, now=at.calendar)
        await store.forget_run(conn, proven.subscriber_id)
        return Became.ENDED
    if not waits:
        await store.leave_alone(conn, proven.subscriber_id, run=run, until=until, machine_now=at.machine)
    return Became.PUT_BACK


async def _is_written_to(
    conn: AsyncConnection, proven: Proven, address_key: str | None, intake: Intake, at: _At
) -> bool:
    """Whether anything is sent to somebody still: what is put back would wait for nothing if not."""
    if address_key is None or not await subscriptions.asks_for_any(conn, proven.subscriber_id):
        return False
    return not await is_suppressed(conn, intake.signer.address_hash(address_key), now=at.calendar)


async def _complaint(conn: AsyncConnection, proven: Proven, intake: Intake, at: _At) -> Became:
    """End all that somebody gets; but no more than a link could, if it is proven by no more than a link."""
    if proven.weight is Weight.ENVELOPE:
        await end_address(
            conn, proven.subscriber_id, at.calendar, signer=intake.signer, reason=EndReason.COMPLAINED
        )
        return Became.ENDED
    return await _stop(conn, proven, EndReason.COMPLAINED, at)


async def _unsubscribe(conn: AsyncConnection, proven: Proven, intake: Intake, at: _At) -> Became:  # noqa: ARG001
    return await _stop(conn, proven, EndReason.ONE_CLICK, at)


async def _stop(conn: AsyncConnection, proven: Proven, reason: EndReason, at: _At) -> Became:
    view = await stop_delivery(conn, proven.delivery_id, reason=reason, now=at.calendar)
    return Became.STOPPED if view.causes else Became.COUNTED


_Act = Callable[[AsyncConnection, Proven, Intake, _At], Awaitable[Became]]
_ACTS: Mapping[BounceKind, _Act] = {
    BounceKind.HARD: _hard,
    BounceKind.SOFT: _soft,
    BounceKind.COMPLAINT: _complaint,
    BounceKind.UNSUBSCRIBE: _unsubscribe,
}
