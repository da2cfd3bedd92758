"""What visitors may ask of the server, and how long they may take (settings `[web]` and `[sign_up]`)."""

from dataclasses import dataclass
from datetime import timedelta

from notifier.settings import SignUp, Web
from notifier.web.visitor import Networks

LARGEST_BODY = 16 * 1024
"""Bytes. No form here needs more than a tenth of it."""

LONGEST_ADDRESS = 4096
"""Characters of path and query. The longest that the pages make, a search, is half of it."""

LARGEST_HEAD = 32 * 1024
"""Bytes of request line and headers together: several times what browsers and proxies send."""

LONGEST_FIELD = 8190
"""Bytes of one line of the head: what most servers take."""

MOST_FIELDS = 100
"""Lines in the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Each is explained in `settings/sections.py`."""

    hosts: tuple[str, ...]
    trusted_proxies: Networks
    connections: int
    connections_per_address: int
    header_seconds: float
    body_seconds: float
    request_seconds: float
    send_seconds: float
    idle_seconds: float
    asks_per_network: int
    answer_after: timedelta


def limits_of(web: Web, sign_up: SignUp) -> Limits:
    """Return the limits that an operator set."""
    return Limits(
        hosts=web.hosts,
        trusted_proxies=web.trusted_proxies,
        connections=web.connections,
        connections_per_address=web.connections_per_address,
        header_seconds=web.header_seconds,
        body_seconds=web.body_seconds,
        request_seconds=web.request_seconds,
        send_seconds=web.send_seconds,
        idle_seconds=web.idle_seconds,
        asks_per_network=sign_up.asks_per_network,
        answer_after=timedelta(milliseconds=sign_up.answer_milliseconds),
    )


USUAL = limits_of(Web(), SignUp())
"""What holds where nobody set anything."""
