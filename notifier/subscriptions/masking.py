"""Addresses with most of them hidden: for their owner enough, for whom a mail was forwarded to too little."""

import re

_MASKED = re.compile(r"[^\s@]?•••@[A-Za-z0-9.:\[\]-]*[A-Za-z0-9\]]")
_ERASED = "an address that has been erased"


def masked(address: str | None) -> str:
    """Return "a•••@example.org"."""
    if not address:
        return _ERASED
    name, _, host = address.rpartition("@")
    return f"{name[:1]}•••@{host}"


def without_masked(text: str) -> str:
    """Return what was shown to somebody without what it tells of their address."""
    return _MASKED.sub(_ERASED, text)
