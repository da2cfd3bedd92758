"""What a feed is: a view of what happened, newest first. Nothing is stored for it, and nothing here acts."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import quote

from notifier.events.model import Basis, EventKind

ATOM_MEDIA_TYPE = "application/atom+xml"
RSS_MEDIA_TYPE = "application/rss+xml"

_DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category of an entry: a `term` for machines, a `label` for people, and the list it comes from."""

    term: str
    label: str | None = None
    scheme: str | None = None


class LinkRelation(StrEnum):
    """Links of a whole feed beyond its page and itself: WebSub, and the archives of RFC 5005."""

    HUB = "hub"
    CURRENT = "current"
    PREV_ARCHIVE = "prev-archive"
    NEXT_ARCHIVE = "next-archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """One such link; `href` is absolute."""

    rel: LinkRelation
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry. `id` is its `entry_id`, for good: a corrected entry keeps it. `link` is absolute.

    `published` is when the fact was recorded and `updated` when its words last changed: instants of events,
    never of rendering. `html` is a fragment for people, already escaped where it has to be.

    Raises:
        ValueError: an instant without a zone.
    """

    id: str
    title: str
    html: str
    link: str
    published: datetime
    updated: datetime
    categories: tuple[Category, ...] = ()

    def __post_init__(self) -> None:
        """Refuse instants that nobody can place."""
        require_aware(self.published, self.updated)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """One feed, whatever its format. `id` is its `feed_id`, for good; the addresses are absolute.

    `updated` is the latest instant of its entries, or of what it is about while it has none. `author` is the
    operator of the service. `entries` come newest first. `language` is a tag of RFC 5646.

    Raises:
        ValueError: an instant without a zone.
    """

    id: str
    title: str
    subtitle: str
    page_url: str
    atom_url: str
    rss_url: str
    updated: datetime
    author: str
    entries: tuple[FeedEntry, ...]
    language: str = "en-GB"
    links: tuple[FeedLink, ...] = ()

    def __post_init__(self) -> None:
        """Refuse instants that nobody can place."""
        require_aware(self.updated)


def require_aware(*instants: datetime) -> None:
    """Check that every instant names its zone.

    Raises:
        ValueError: one does not.
    """
    for instant in instants:
        if instant.utcoffset() is None:
            raise ValueError(f"an instant without a zone: {instant.isoformat()}")


def tag_uri(host: str, day: date | int, specific: str) -> str:
    """Return a tag URI (RFC 4151), a name that stays true when addresses change.

    `host` is a DNS name that was the operator's on `day`, or on 1 January of `day` where that is a year.
    Characters that no URI holds are percent-encoded.

    Raises:
        ValueError: `host` is no DNS name; a port does not belong here.
    """
    authority = host.lower()
    if not _DNS_NAME.fullmatch(authority):
        raise ValueError(f"not the name of a host: {host!r}")
    when = f"{day:04d}" if isinstance(day, int) else day.isoformat()
    return f"tag:{authority},{when}:" + quote(specific, safe="/?:@!$&'()*+,;=")


def feed_id(host: str, first_year: int, slug: str | None = None) -> str:
    """Return the id of a procedure's feed, or of the feed of everything.

    `first_year` is the year of the first record that the feed could hold; `slug` is the first reference.
    """
    return tag_uri(host, first_year, "everything" if slug is None else f"procedure/{slug}")


def entry_id(host: str, recorded_on: date, public_id: str) -> str:
    """Return the id of the entry of the event `public_id`, recorded on that day."""
    return tag_uri(host, recorded_on, f"event/{public_id}")


# The terms are part of what readers filter by: they never change, and none is a word of ours alone.
_KINDS = {
    EventKind.OPENED: ("opened", "Opening"),
    EventKind.CLOSING_SOON: ("closing-soon", "Closing soon"),
    EventKind.CLOSED: ("closed", "Closing"),
    EventKind.MEETING: ("meeting", "Meeting"),
    EventKind.EXPECTED: ("expected", "Publication expected"),
    EventKind.NOT_YET: ("not-yet", "Not yet published"),
    EventKind.REACHED: ("date", "Date"),
    EventKind.DATE_ADDED: ("date-added", "Date added"),
    EventKind.DATE_SET: ("date-set", "Date set"),
    EventKind.MOVED: ("date-changed", "Date changed"),
    EventKind.EXTENDED: ("extended", "More time"),
    EventKind.SHORTENED: ("shortened", "Less time"),
    EventKind.REMOVED: ("date-removed", "Date removed"),
    EventKind.SUSPENDED: ("suspended", "Suspended"),
    EventKind.RESTARTED: ("restarted", "Restarted"),
    EventKind.DISCONTINUED: ("discontinued", "Discontinued"),
    EventKind.PUBLISHED: ("published", "Published"),
    EventKind.LISTED: ("listed", "Now listed"),
    EventKind.CORRECTION: ("correction", "Correction"),
    EventKind.REOPENED: ("reopened", "Open again"),
    EventKind.CONFIRMED: ("confirmed", "Confirmed"),
}


def categories_of(
    kind: EventKind, basis: Basis, process: str | None, *, vocabulary: str
) -> tuple[Category, ...]:
    """Return the categories of an entry: what happened, in which process, and how we know.

    Their schemes are `vocabulary`, an absolute URI of the service that never changes, followed by `kind`,
    `process` and `basis`; so a reader can filter by "checked" without meeting a process of that name.
    """
    term, label = _KINDS[kind]
    return (
        Category(term=term, label=label, scheme=f"{vocabulary}kind"),
        *([Category(term=process, scheme=f"{vocabulary}process")] if process else []),
        Category(term=basis.value, label=basis.value.capitalize(), scheme=f"{vocabulary}basis"),
    )
