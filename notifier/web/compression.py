"""Which content coding a reader gets (RFC 9110 §12.5.3), and its bytes. Pure."""

import gzip

from notifier.feeds.caching import Coding

_LEVEL = 6
_GZIP_NAMES = ("gzip", "x-gzip")


def coding_for(accept_encoding: str | None) -> Coding:
    """Return the coding for an Accept-Encoding: gzip where it is welcome and not liked less than none.

    What is malformed welcomes nothing. A reader that refuses even the plain bytes gets them all the same:
    RFC 9110 allows that, and it helps more than a 406.
    """
    weights = _weights(accept_encoding or "")
    everything = weights.get("*", 0.0)
    zipped = max((weights[name] for name in _GZIP_NAMES if name in weights), default=everything)
    return Coding.GZIP if zipped > 0 and zipped >= weights.get("identity", 0.0) else Coding.IDENTITY


def encoded(body: bytes, coding: Coding) -> bytes:
    """Return `body` in its coding; the same body always gives the same bytes, for a strong ETag."""
    return gzip.compress(body, compresslevel=_LEVEL, mtime=0) if coding is Coding.GZIP else body


def _weights(header: str) -> dict[str, float]:
    return {name: weight for member in header.split(",") for name, weight in [_weight(member)] if name}


def _weight(member: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in member.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0
