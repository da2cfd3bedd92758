"""Reading a message that came to the mailbox of returned mail: bytes in, a value out, always. Pure.

What it says is not yet believed: only its token is proof (`proof.py`).
"""

from email.message import Message

from notifier.bounces.automatic import (
    asks_to_stop,
    is_answer_of_a_machine,
    is_from_a_mail_system,
    is_our_own,
)
from notifier.bounces.complaint import is_complaint, is_feedback, tokens_enclosed
from notifier.bounces.delivery_status import fate_reported
from notifier.bounces.model import BounceKind, Fate, Returned
from notifier.bounces.odd import odd_fate
from notifier.bounces.parts import parsed, values
from notifier.subscriptions.return_path import ReturnPath

_ARRIVED_AT = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
"""Where mail systems note to which address a message came, the surest first."""

MOST_TOKENS = 5
"""Tokens of the address it came to that are worth a look; there is one."""

_UNKNOWN = Fate(kind=BounceKind.UNKNOWN)


def read(raw: bytes, *, mailbox: ReturnPath, recipient: str | None = None) -> Returned:
    """Read a message. `recipient` is the envelope's, where whoever hands the message over knows it."""
    try:
        return _read(parsed(raw), mailbox, recipient or "")
    except Exception:
        # The libraries that take apart what anybody wrote have faults of their own, and a message over which
        # one of them stumbles must not hold up the others.
        return Returned(fate=_UNKNOWN)


def _read(message: Message, mailbox: ReturnPath, recipient: str) -> Returned:
    arrived_at = mailbox.tokens_in(recipient) or mailbox.tokens_in("\n".join(values(message, *_ARRIVED_AT)))
    fate = _fate(message)
    enclosed = tokens_enclosed(message, mailbox) if fate.kind is BounceKind.COMPLAINT else ()
    return Returned(fate=fate, arrived_at=arrived_at[:MOST_TOKENS], enclosed=enclosed)


def _fate(message: Message) -> Fate:
    """Say what a message is: reports first, which often bear the marks of automatic answers too."""
    if is_feedback(message):
        return _complaint(message)
    reported = fate_reported(message)
    if reported is not None:
        return reported
    if is_our_own(message):
        return _UNKNOWN
    if asks_to_stop(message):
        return Fate(kind=BounceKind.UNSUBSCRIBE)
    if is_answer_of_a_machine(message) and not is_from_a_mail_system(message):
        return Fate(kind=BounceKind.AUTOREPLY)
    return odd_fate(message) or _UNKNOWN


def _complaint(message: Message) -> Fate:
    return Fate(kind=BounceKind.COMPLAINT) if is_complaint(message) else _UNKNOWN
