"""Status codes: where one stands in a server's words, and what it says of an address. Pure.

Codes are those of RFC 3463 and of the registry of RFC 5248. What ends an address is one list, for refusals
and for bounces (`delivery/refusal.py`).
"""

import re

from notifier.bounces.model import BounceKind
from notifier.delivery.refusal import blames_the_address, reply_line

_CODE = r"([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)"
_PLACES = (
    re.compile(rf"(?<!\d)[245]\d\d[ -]#?{_CODE}"),  # "550 5.1.1 No such user" (RFC 2034 §4)
    re.compile(rf"^\s*{_CODE}"),
    re.compile(rf"#{_CODE}"),  # "(#5.1.1)", as qmail writes it
)
_ADDRESS = re.compile(r"<?[^\s<>@:;,()\"]{1,256}@[^\s<>@:;,()\"]{1,256}>?")

_FOR_NOW = ("5.2.2", "5.3.", "5.4.")
"""Said for good, and yet true of a day only: a full mailbox, a system in trouble, no way to it."""

_MILDEST_FIRST = (
    BounceKind.DELIVERED,
    BounceKind.DELAYED,
    BounceKind.SOFT,
    BounceKind.REFUSED,
    BounceKind.HARD,
)


def status_in(text: str) -> str | None:
    """Return the enhanced status code that a server's words begin with, or name as their own."""
    found = (place.search(text) for place in _PLACES)
    return next((one.group(1) for one in found if one is not None), None)


def kind_of_failure(status: str | None) -> BounceKind:
    """Return what a delivery is that failed with this status; None: without one, which blames nobody."""
    if status is None:
        return BounceKind.REFUSED
    if blames_the_address(status):
        return BounceKind.HARD
    return BounceKind.SOFT if status.startswith(("4.", *_FOR_NOW)) else BounceKind.REFUSED


def mildness(kind: BounceKind) -> int:
    """Return how mild a fate is, from 0, the mildest, on."""
    return _MILDEST_FIRST.index(kind)


def diagnostic_line(text: str) -> str:
    """Return a server's words fit to store: one short line, the addresses in it left out."""
    return reply_line(_ADDRESS.sub("<…>", text[:2_000]))
