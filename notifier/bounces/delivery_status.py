"""Reports about a delivery (RFC 3464; RFC 6533 for addresses beyond ASCII). Pure."""

import re
from collections.abc import Iterator
from email.message import Message

from notifier.bounces.model import BounceKind, Fate
from notifier.bounces.parts import enclosed_in, parsed, part_of_type, text_of, value
from notifier.bounces.status import diagnostic_line, kind_of_failure, mildness, status_in

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_TYPE = re.compile(r"^[A-Za-z0-9.-]+\s*;\s*")

_ACTIONS = {
    "delayed": BounceKind.DELAYED,
    "delivered": BounceKind.DELIVERED,
    "relayed": BounceKind.DELIVERED,
    "expanded": BounceKind.DELIVERED,
}


def fate_reported(message: Message) -> Fate | None:
    """Return what a report says became of a mail; None where the message is no such report.

    Our mails have one recipient each. Where a report names several, somebody's address is a list of others,
    which works as long as one of them does: the mildest fate counts.
    """
    part = part_of_type(message, "message/delivery-status", "message/global-delivery-status")
    if part is None:
        return None
    fates = [_fate(block) for block in _blocks(part) if block["Action"] or block["Status"]]
    return min(fates, key=lambda one: mildness(one.kind), default=Fate(kind=BounceKind.UNKNOWN))


def _blocks(part: Message) -> Iterator[Message]:
    """Yield a report's blocks of fields, one for the mail and one for each recipient."""
    for block in enclosed_in(part):
        yield block
        # Of the type for addresses beyond ASCII the library knows no blocks: they are the first one's text.
        for rest in re.split(r"\n\s*\n", text_of(block).replace("\r", "")):
            yield parsed(rest.strip().encode() + b"\n\n")


def _fate(block: Message) -> Fate:
    action = value(block, "Action").lower().partition(" ")[0]
    said = _TYPE.sub("", value(block, "Diagnostic-Code"))
    found = _STATUS.match(value(block, "Status"))
    status = _closer(found.group(1) if found else None, status_in(said))
    kind = _ACTIONS.get(action) or kind_of_failure(status)
    return Fate(kind=kind, status=status, diagnostic=diagnostic_line(said))


def _closer(reported: str | None, said: str | None) -> str | None:
    """Return the code of the server that refused rather than the reporter's summary of it.

    Not where the reporter speaks of a failure for now: it may have given up for a reason of its own.
    """
    return reported if said is None or (reported or "").startswith("4.") else said
