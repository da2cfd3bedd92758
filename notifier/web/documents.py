"""Documents that readers fetch again and again: validators, 304, codings, and the bytes made last.

What a document says is decided elsewhere; here it is only sent, by RFC 9110 and RFC 9111.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import hdrs, web

from notifier.feeds.caching import Coding, etag, etags_of_all_codings, not_modified
from notifier.web.compression import coding_for

MAX_AGE_SECONDS = 60
"""How long a copy may be used unasked: a cache in front takes the load of a busy day, and a reader who asks
at the announcement hour is at most a minute late."""

SETTLED = timedelta(minutes=1)
"""How long a document has been as it is before that is told: the clocks of several servers may differ by so
much, and what changed meanwhile must not seem older on another."""

_A_SECOND = timedelta(seconds=1)

ADDRESSES_SEEN = 10_000
"""Documents of which it is remembered since when they are as they are; of others it is seen anew."""

KEPT_BYTES = 16 * 1024 * 1024
"""Room for the documents made last: some hundred feeds, or the calendar of everything several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What tells one state of a document from another (`feeds/caching.etag`).

    `rendering` stands for everything that shapes the bytes beside the rows. `seen_at` is when this process
    saw it first as it is (`FirstSeen`).
    """

    seq: int
    revision: int
    rendering: int
    seen_at: datetime

    def tag(self, coding: Coding) -> str:
        """Return the entity tag of the document in this coding."""
        return etag(seq=self.seq, revision=self.revision, coding=coding, render_version=self.rendering)

    def last_modified(self, now: datetime) -> datetime | None:
        """Return since when the document is as it is, to the second; None while that is not settled.

        The second is the next whole one: somebody may have got the document before it in the same second, and
        ask by the Date of that answer.
        """
        if now - self.seen_at < SETTLED:
            return None
        return self.seen_at.astimezone(UTC).replace(microsecond=0) + _A_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says about the copy its reader has, and the coding that it wants."""

    coding: Coding
    if_none_match: str | None
    if_modified_since: str | None

    def holds(self, validators: Validators, now: datetime) -> bool:
        """Whether the reader's copy is current."""
        changed_at = validators.last_modified(now)
        return not_modified(
            if_none_match=self.if_none_match,
            etags=etags_of_all_codings(
                seq=validators.seq, revision=validators.revision, render_version=validators.rendering
            ),
            if_modified_since=self.if_modified_since if changed_at is not None else None,
            last_modified=changed_at or now,
        )


def asked(request: web.Request) -> Asked:
    """Read what a request says about copies and codings."""
    return Asked(
        coding=coding_for(_joined(request, hdrs.ACCEPT_ENCODING)),
        if_none_match=_joined(request, hdrs.IF_NONE_MATCH),
        if_modified_since=request.headers.get(hdrs.IF_MODIFIED_SINCE),
    )


def unchanged(validators: Validators, want: Asked, now: datetime) -> web.Response:
    """Return the 304: what the 200 would bring, but for the headers of its bytes (RFC 9110 §15.4.5)."""
    return web.Response(status=304, headers=_headers(validators, want.coding, now))


def whole(body: bytes, media_type: str, validators: Validators, want: Asked, now: datetime) -> web.Response:
    """Return the document, `body` being in its coding already."""
    headers = _headers(validators, want.coding, now) | {hdrs.CONTENT_TYPE: f"{media_type}; charset=utf-8"}
    if want.coding is Coding.GZIP:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    return web.Response(body=body, headers=headers)


class FirstSeen:
    """Since when each document is as it is, as far as this process has seen.

    The instants of the rows would not do for a Last-Modified: a change is dated when it is begun, and may be
    committed minutes later; who had asked in between would get 304 for it.
    """

    def __init__(self, room: int = ADDRESSES_SEEN) -> None:
        self._room = room
        self._seen: OrderedDict[str, tuple[object, datetime]] = OrderedDict()

    def since(self, address: str, state: object, now: datetime) -> datetime:
        """Return when the document at an address was first seen in this state: later than in any before."""
        known, at = self._seen.pop(address, (None, now - _A_SECOND))
        if known != state:
            at = max(now, at + _A_SECOND)  # a clock may be set back
        self._seen[address] = (state, at)
        if len(self._seen) > self._room:
            self._seen.popitem(last=False)
        return at


class Kept:
    """The bytes made last, by address and entity tag, up to `room` bytes; the longest unused go first."""

    def __init__(self, room: int = KEPT_BYTES) -> None:
        self._room = room
        self._used = 0
        self._bodies: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def get(self, address: str, tag: str) -> bytes | None:
        """Return the bytes of this state of a document, if they are still here."""
        found = self._bodies.get((address, tag))
        if found is not None:
            self._bodies.move_to_end((address, tag))
        return found

    def put(self, address: str, tag: str, body: bytes) -> None:
        """Keep the bytes; what alone is larger than the room is not kept."""
        if len(body) > self._room or (address, tag) in self._bodies:
            return
        self._bodies[address, tag] = body
        self._used += len(body)
        while self._used > self._room:
            self._used -= len(self._bodies.popitem(last=False)[1])


def _headers(validators: Validators, coding: Coding, now: datetime) -> dict[str, str]:
    headers: dict[str, str] = {
        hdrs.ETAG: validators.tag(coding),
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
        hdrs.CACHE_CONTROL: f"public, max-age={MAX_AGE_SECONDS}",
    }
    changed_at = validators.last_modified(now)
    if changed_at is not None:
        headers[hdrs.LAST_MODIFIED] = format_datetime(changed_at, usegmt=True)
    return headers


def _joined(request: web.Request, name: str) -> str | None:
    """Return a list header as one, however many lines it came in (RFC 9110 §5.3)."""
    found = request.headers.getall(name, [])
    return ", ".join(found) if found else None
