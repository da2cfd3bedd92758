"""Who wrote: a machine that answers all mail, a mail program that unsubscribes, or we ourselves. Pure.

Marks of answers: RFC 3834 §5 and what came before it. Receipts: RFC 8098.
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from notifier.bounces.parts import part_of_type, value

_MARKS = ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Auto-Response-Suppress", "X-Vacation")
_PRECEDENCES = ("auto_reply", "bulk", "junk")
_SUBJECTS = re.compile(
    r"(automatic reply|auto(matic)?[- ]?(reply|response|answer)|out of (the )?office)\b", re.I
)
_DAEMON = re.compile(r"\b(mailer[-_]?daemon|postmaster|mail delivery|maildelivery)", re.IGNORECASE)
_OUR_ID = re.compile(r"<[a-z2-7]{28,39}@[^\s<>@]+>", re.ASCII)
_REPLY = re.compile(r"^((re|fwd?|aw|wg)\s*:\s*)+", re.IGNORECASE)


def is_answer_of_a_machine(message: Message) -> bool:
    """Whether nobody sat down to write this, and no server reports on a delivery by it."""
    if part_of_type(message, "message/disposition-notification") is not None:
        return True
    submitted = value(message, "Auto-Submitted").lower()
    return (
        submitted.startswith("auto-")
        or value(message, "Precedence").lower() in _PRECEDENCES
        or any(name in message for name in _MARKS)
        or _SUBJECTS.match(subject_of(message)) is not None
    )


def is_from_a_mail_system(message: Message) -> bool:
    """Whether the sender calls itself a mail system."""
    return _DAEMON.search(f"{value(message, 'From')} {value(message, 'Sender')}") is not None


def is_our_own(message: Message) -> bool:
    """Whether this is a mail of ours that somebody forwards back to us: nobody else makes such ids."""
    return _OUR_ID.fullmatch(value(message, "Message-ID")) is not None


def asks_to_stop(message: Message) -> bool:
    """Whether a mail program sends what our List-Unsubscribe header asks it to send (RFC 2369 §3.2)."""
    return _REPLY.sub("", subject_of(message)).strip(" .!").lower() == "unsubscribe"


def subject_of(message: Message) -> str:
    """Return the subject, its encoded words (RFC 2047) read where they can be."""
    found = value(message, "Subject")
    try:
        return str(make_header(decode_header(found)))
    except (HeaderParseError, LookupError, ValueError):
        return found
