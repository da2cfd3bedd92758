"""Whether a reader has the newest copy already: entity tags and conditional requests (RFC 9110 §8.8, §13)."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

RENDER_VERSION = 1
"""Grows whenever the same view gives other bytes than before, by our hand or a library's."""

# One member of a list of entity tags (§8.8.3): a comma may stand inside the quotes.
_MEMBER = re.compile(r'(?:^|,)[ \t]*(?:W/)?("[\x21\x23-\x7e\x80-\uffff]*")[ \t]*(?=,|$)')


class Coding(StrEnum):
    """The content codings that a feed is sent in; each has its own strong tag (§8.8.3.3)."""

    IDENTITY = "identity"
    GZIP = "gzip"


def etag(
    *,
    seq: int,
    revision: int,
    coding: Coding,
    local_date: date | None = None,
    render_version: int = RENDER_VERSION,
) -> str:
    """Return the strong entity tag, in its quotes, of one rendering of one view.

    `seq` is the newest event of the view and `revision` that of its procedure (0 for none). `local_date` is
    given only where the text depends on the day.
    """
    day = "" if local_date is None else f"-{local_date.isoformat()}"
    return f'"{render_version}-{seq}-{revision}{day}-{coding}"'


def etags_of_all_codings(
    *, seq: int, revision: int, local_date: date | None = None, render_version: int = RENDER_VERSION
) -> tuple[str, ...]:
    """Return the tags of every coding of one view, for matching: a reader may hold any of them."""
    return tuple(
        etag(seq=seq, revision=revision, coding=coding, local_date=local_date, render_version=render_version)
        for coding in Coding
    )


def not_modified(
    *,
    if_none_match: str | None,
    etags: Collection[str],
    if_modified_since: str | None,
    last_modified: datetime,
) -> bool:
    """Whether a GET or HEAD is answered with 304: the reader's copy is current (RFC 9110 §13.2.2).

    `etags` are the tags of all codings. If-None-Match, where sent, decides alone, by weak comparison; what is
    malformed in it matches nothing. If-Modified-Since compares whole seconds; what is no date is ignored.
    Where a header came more than once, join its values with ", ".
    """
    if if_none_match is not None:
        return if_none_match.strip() == "*" or not _tags(if_none_match).isdisjoint(map(_opaque, etags))
    since = _instant(if_modified_since)
    return since is not None and last_modified.replace(microsecond=0) <= since


def _tags(header: str) -> set[str]:
    return set(_MEMBER.findall(header))


def _opaque(tag: str) -> str:
    return tag.removeprefix("W/")


def _instant(header: str | None) -> datetime | None:
    """Read an HTTP-date in any of its three forms (§5.6.7); the one without a zone is in UTC as well."""
    if header is None:
        return None
    try:
        instant = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
