"""Atom 1.0 (RFC 4287) and RSS 2.0 from one view: the only file that knows feedgen.

The same view gives the same bytes, so that a strong ETag holds: every date comes from the view, and the
generator is named without its version.

feedgen sets the locale of the whole process for a moment while it writes a date of RSS: `render_rss` must not
run in a thread beside others.
"""

from datetime import UTC, datetime
from typing import Any

from feedgen.entry import FeedEntry as GeneratedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator

from notifier.feeds.characters import cleaned, one_line
from notifier.feeds.model import ATOM_MEDIA_TYPE, RSS_MEDIA_TYPE, Category, FeedEntry, FeedLink, FeedView

_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_TTL_MINUTES = 15
"""How long an RSS reader may wait: short enough for a deadline, and an unchanged feed costs only a 304."""


class _FeedLinks(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """Writes the hub and archive links into RSS, where feedgen writes the self link alone."""

    links: tuple[FeedLink, ...] = ()

    def extend_rss(self, feed: Any) -> Any:
        channel = feed[0]
        for link in self.links:
            attributes = {"rel": link.rel.value, "href": one_line(link.href)}
            channel.append(channel.makeelement(_ATOM_LINK, attributes))
        return feed


class _EntryLinks(BaseEntryExtension):  # type: ignore[misc]  # feedgen is untyped
    """Gives the links of an Atom entry back what feedgen drops: rel, type, title (python-feedgen#135)."""

    def __init__(self) -> None:
        self.links: list[dict[str, str]] = []

    def extend_atom(self, entry: Any) -> Any:
        for element, link in zip(entry.findall("link"), self.links, strict=True):
            for name, value in link.items():
                element.set(name, value)
        return entry


def render_atom(view: FeedView) -> bytes:
    """Return the view as an Atom 1.0 document in UTF-8."""
    feed = _generator(view, self_url=view.atom_url, media_type=ATOM_MEDIA_TYPE)
    return bytes(feed.atom_str(pretty=True))


def render_rss(view: FeedView) -> bytes:
    """Return the view as an RSS 2.0 document in UTF-8. One thread at a time (see above)."""
    feed = _generator(view, self_url=view.rss_url, media_type=RSS_MEDIA_TYPE)
    feed.pubDate(_utc(view.entries[0].published if view.entries else view.updated))
    feed.ttl(_TTL_MINUTES)
    return bytes(feed.rss_str(pretty=True))


def _generator(view: FeedView, *, self_url: str, media_type: str) -> Any:
    feed = FeedGenerator()
    feed.register_extension("kept_links", _FeedLinks, _EntryLinks)
    feed.load_extension("dc", atom=False)
    title = one_line(view.title) or view.id
    feed.id(view.id)
    feed.title(title)
    feed.subtitle(one_line(view.subtitle) or title)
    feed.language(view.language)
    feed.updated(_utc(view.updated))
    author = one_line(view.author) or title
    feed.author(name=author)
    feed.generator("notifier")
    feed.kept_links.links = view.links
    for link in view.links:
        feed.link(href=one_line(link.href), rel=link.rel.value)
    feed.link(href=one_line(self_url), rel="self", type=media_type)
    # Last, because the last one given becomes the <link> of RSS.
    feed.link(href=one_line(view.page_url), rel="alternate", type="text/html")
    for entry in view.entries:
        _write(feed.add_entry(order="append"), entry, author=author)
    return feed


def _write(target: GeneratedEntry, entry: FeedEntry, *, author: str) -> None:
    title = one_line(entry.title) or entry.id
    link = {"href": one_line(entry.link), "rel": "alternate", "type": "text/html", "title": title}
    target.id(entry.id)
    target.title(title)
    target.content(cleaned(entry.html), type="html")
    target.link(dict(link))
    target.kept_links.links.append(link)
    target.published(_utc(entry.published))
    target.updated(_utc(entry.updated))
    target.category([_category(category) for category in entry.categories if one_line(category.term)])
    # RSS's own author element wants a mail address, which a feed had better not publish.
    target.dc.dc_creator(author)


def _category(category: Category) -> dict[str, str]:
    """Leave out what is absent: feedgen would write a label of None as an empty category in RSS."""
    parts = {"term": category.term, "label": category.label or "", "scheme": category.scheme or ""}
    return {name: text for name, part in parts.items() if (text := one_line(part))}


def _utc(instant: datetime) -> datetime:
    """Whole seconds of UTC, the finest that RSS knows, so that both formats give the same instant."""
    return instant.astimezone(UTC).replace(microsecond=0)
