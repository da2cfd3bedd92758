"""What is asked of a web server, and what comes of it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request for a page."""

    url: str
    """http or https, without a username; it may have a query."""
    etag: str | None = None
    last_modified: str | None = None
    """What the last `Page` said of itself: with either, the answer can be `Unchanged`."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent too, such as an API key; never to another host, and never shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that came whole. It is never empty, which for a schedule is always a fault."""

    content: bytes
    content_type: str
    """In small letters without parameters: "text/html"; "application/octet-stream" where nothing was said."""
    charset: str | None
    """As the server says, in small letters; None where it says nothing."""
    etag: str | None
    last_modified: str | None
    url: str
    """The address that answered: another than asked where the server prefers another spelling."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page is as it was (304, RFC 9110 §15.4.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The page is said to be elsewhere. Nobody went there; the caller judges what it means."""

    location: str
    """An absolute http or https address in ASCII, without fragment."""
    permanent: bool
    """301 or 308, as against 302, 303 or 307."""


class FetchError(Exception):
    """A page that could not be had. `sentence` tells an operator why; it holds no secret and no query."""

    def __init__(self, sentence: str, *, retry_after: timedelta | None = None, gone: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after
        """How long the server asks not to be asked again, at most a day."""
        self.gone = gone
        """Whether the server says that there is no such page (404, 410)."""


def shown(url: str) -> str:
    """Return an address as it may be shown to operators and in logs: its query, often a key, left out."""
    address, query, _ = url.partition("?")
    return f"{address}?…" if query else address
