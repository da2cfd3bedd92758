"""Reports of people who call a mail unwanted (ARF, RFC 5965), as mail providers send them. Pure."""

import re
from email.message import Message

from notifier.bounces.parts import enclosed_in, parsed, part_of_type, text_of, value
from notifier.subscriptions.return_path import ReturnPath

_UNWANTED = ("abuse", "fraud", "opt-out", "other")
"""Types of report that say so; "not-spam" says the opposite, "auth-failure" and "virus" something else."""

_TOKEN = re.compile(r"(?:<|/stop/)([a-z2-7]{28,39})(?=[@>])", re.IGNORECASE | re.ASCII)
MOST_TOKENS = 20
"""Tokens of an enclosed mail that are worth a look: ours has three."""


def is_complaint(message: Message) -> bool:
    """Whether a message reports a mail as unwanted."""
    report = _report(message)
    return report is not None and value(report, "Feedback-Type").lower().startswith(_UNWANTED)


def is_feedback(message: Message) -> bool:
    """Whether a message is a report of this form, whatever it says."""
    return part_of_type(message, "message/feedback-report") is not None


def tokens_enclosed(message: Message, mailbox: ReturnPath) -> tuple[str, ...]:
    """Return what may be tokens of ours in the head of the mail that was reported.

    Return-Path has the envelope's, and so have Received-SPF and the like; providers leave out one or the
    other. Message-ID and List-Unsubscribe have tokens of less weight.
    """
    report = _report(message)
    heads = [str(text) for text in report.values()] if report is not None else []
    enclosed = _enclosed(message)
    if enclosed is not None:
        heads += [str(text) for text in enclosed.values()]
        named = f"{value(enclosed, 'Message-ID')} {value(enclosed, 'List-Unsubscribe')}"
    else:
        named = ""
    in_envelope = mailbox.tokens_in("\n".join(heads)[:100_000])
    others = tuple(found.lower() for found in _TOKEN.findall(named))
    return tuple(dict.fromkeys((*in_envelope, *others)))[:MOST_TOKENS]


def _report(message: Message) -> Message | None:
    part = part_of_type(message, "message/feedback-report")
    return None if part is None else next(enclosed_in(part), None)


def _enclosed(message: Message) -> Message | None:
    part = part_of_type(message, "message/rfc822", "message/global", "text/rfc822-headers")
    if part is None:
        return None
    if part.get_content_maintype() == "text":
        return parsed(text_of(part).lstrip().encode())
    return next(enclosed_in(part), None)
