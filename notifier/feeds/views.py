"""From events and schedules to what feeds and calendars show. Pure.

Every id and every instant here comes from what is stored, never from the moment of asking: two readers on
two days get the same bytes while nothing happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from notifier.events.entry import corrected_words, is_entry
from notifier.events.model import Event, EventKind
from notifier.events.titles import clean, named
from notifier.events.wording import hour
from notifier.events.words import EntryWords
from notifier.feeds.calendar import CalendarEntry, CalendarView
from notifier.feeds.calendar_entries import Provenance, entries_of
from notifier.feeds.model import FeedEntry, FeedView, categories_of, entry_id, feed_id, tag_uri
from notifier.procedures.due import Rules
from notifier.procedures.model import Procedure
from notifier.settings import Relation, Service

LONGEST = 50
"""Entries of a feed: months of one procedure, and about a week of everything in a body's busiest season."""

BEFORE_ALL = datetime(2022, 1, 1, tzinfo=UTC)
"""Dates the feed of everything while nothing was ever listed, so that even then it is never dated "now"."""

_AMENDS = (EventKind.CORRECTION, EventKind.CONFIRMED)
"""The kinds that change the entry of what they correct, which keeps its id and its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes, and since when: the instant at which the first of all procedures was listed.

    The host and that year are in every id, so neither may depend on the day of asking.
    """

    service: Service
    rules: Rules
    since: datetime

    @property
    def host(self) -> str:
        """Return the name under which ids are coined. An IPv6 address is no name (RFC 4151 §2.1)."""
        found = urlsplit(self.service.public_url).hostname or "localhost"
        return "localhost" if ":" in found else found

    @property
    def vocabulary(self) -> str:
        """Return what the schemes of all categories begin with."""
        return tag_uri(self.host, _year(self.since), "category/")

    @property
    def front_page(self) -> str:
        """Return the address of the list of everything."""
        return f"{self.service.public_url}/"

    def page(self, slug: str) -> str:
        """Return the address of a procedure's page."""
        return f"{self.service.public_url}/procedures/{slug}"

    def feed(self, name: str, suffix: str) -> str:
        """Return the address of a feed: `name` is a slug or "all", `suffix` "atom" or "rss"."""
        return f"{self.service.public_url}/feeds/{name}.{suffix}"

    @property
    def standing(self) -> str:
        """Say whose service this is and what dates are worth (promises §3), without an hour of reading."""
        site = clean(self.service.body_site)
        if self.service.relation is Relation.OWN:
            return f"Dates are provisional: {site} decides."
        body = clean(self.service.body)
        return f"This service is not run by {body}. Dates are provisional and come from {site}."


def feed_of_everything(publisher: Publisher, events: Sequence[Event]) -> FeedView:
    """Return the feed of all procedures; `events` are the newest, newest first."""
    service, noun = publisher.service, clean(publisher.service.topic_noun)
    entries = _entries(publisher, events)
    return FeedView(
        id=feed_id(publisher.host, _year(publisher.since)),
        title=f"{clean(service.name)}: every {noun}",
        subtitle=f"Dates and changes of every {noun}, as they come. {publisher.standing}",
        page_url=publisher.front_page,
        atom_url=publisher.feed("all", "atom"),
        rss_url=publisher.feed("all", "rss"),
        updated=_updated(entries, publisher.since),
        author=clean(service.operator),
        entries=entries,
    )


def feed_of(
    publisher: Publisher, procedure: Procedure, events: Sequence[Event], *, first_seen_at: datetime
) -> FeedView:
    """Return the feed of one procedure; `events` are its newest, newest first."""
    entries = _entries(publisher, events)
    return FeedView(
        id=feed_id(publisher.host, _year(first_seen_at), procedure.slug),
        title=f"{clean(publisher.service.name)}: {named(procedure.title, procedure.shown_id)}",
        subtitle=f"Dates and changes of {clean(procedure.shown_id)}, as they come. {publisher.standing}",
        page_url=publisher.page(procedure.slug),
        atom_url=publisher.feed(procedure.slug, "atom"),
        rss_url=publisher.feed(procedure.slug, "rss"),
        updated=_updated(entries, first_seen_at),
        author=clean(publisher.service.operator),
        entries=entries,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A procedure, when it was first seen, and when each of its dates came to read as it does, by key."""

    procedure: Procedure
    first_seen_at: datetime
    changed_at: Mapping[str, datetime]


def calendar_of_everything(publisher: Publisher, schedules: Sequence[Schedule]) -> CalendarView:
    """Return the calendar of all procedures, those that were seen first at the front."""
    service = publisher.service
    return CalendarView(
        id=tag_uri(publisher.host, _year(publisher.since), "calendar"),
        name=f"{clean(service.name)}: every {clean(service.topic_noun)}",
        description=f"Dates of every {clean(service.topic_noun)}. {publisher.standing}",
        url=publisher.front_page,
        entries=tuple(entry for schedule in schedules for entry in _calendar_entries(publisher, schedule)),
    )


def calendar_of(publisher: Publisher, schedule: Schedule) -> CalendarView:
    """Return the calendar of one procedure."""
    procedure = schedule.procedure
    specific = f"calendar/{procedure.slug}"
    return CalendarView(
        id=tag_uri(publisher.host, _year(schedule.first_seen_at), specific),
        name=f"{clean(publisher.service.name)}: {named(procedure.title, procedure.shown_id)}",
        description=f"Dates of {clean(procedure.shown_id)}. {publisher.standing}",
        url=publisher.page(procedure.slug),
        entries=_calendar_entries(publisher, schedule),
    )


def _entries(publisher: Publisher, events: Sequence[Event]) -> tuple[FeedEntry, ...]:
    # What amends an entry is newer than it and told under the same topics: it is in the list as well.
    amending: dict[int, list[Event]] = {}
    for one in reversed(events):
        if one.corrects_seq is not None and one.kind in _AMENDS:
            amending.setdefault(one.corrects_seq, []).append(one)
    return tuple(_entry(publisher, one, amending.get(one.seq, ())) for one in events if is_entry(one))


def _entry(publisher: Publisher, event: Event, amending: Sequence[Event]) -> FeedEntry:
    """Return the entry of an event in its frozen words, and in those of what amends it, oldest first.

    Published is when the fact came true, updated when it was written here: after downtime they differ, and
    both are told.
    """
    payload = event.payload
    entry = FeedEntry(
        id=entry_id(publisher.host, event.recorded_at.astimezone(UTC).date(), event.public_id),
        title=payload.entry_title,
        html=payload.entry_html,
        link=publisher.page(payload.slug),
        published=event.occurred_at,
        updated=event.recorded_at,
        categories=categories_of(event.kind, event.basis, payload.process, vocabulary=publisher.vocabulary),
    )
    for one in amending:
        if one.kind is EventKind.CONFIRMED:
            entry = _confirmed(publisher, entry, event, one)
    corrections = [one for one in amending if one.kind is EventKind.CORRECTION]
    return (
        _corrected(entry, corrections[-1]) if corrections else entry
    )  # marked once, however often corrected


def _corrected(entry: FeedEntry, correction: Event) -> FeedEntry:
    words = corrected_words(EntryWords(title=entry.title, html=entry.html))
    return replace(entry, title=words.title, html=words.html, updated=correction.recorded_at)


def _confirmed(publisher: Publisher, entry: FeedEntry, event: Event, confirmation: Event) -> FeedEntry:
    """Return the entry in the words of what confirms it: what was scheduled was seen to have happened."""
    payload, vocabulary = confirmation.payload, publisher.vocabulary
    return replace(
        entry,
        title=payload.entry_title,
        html=payload.entry_html,
        updated=confirmation.recorded_at,
        categories=categories_of(event.kind, confirmation.basis, payload.process, vocabulary=vocabulary),
    )


def _updated(entries: Sequence[FeedEntry], before: datetime) -> datetime:
    return max((entry.updated for entry in entries), default=before)


def _calendar_entries(publisher: Publisher, schedule: Schedule) -> tuple[CalendarEntry, ...]:
    closes = hour(publisher.rules.closes_at)
    return entries_of(
        schedule.procedure,
        host=publisher.host,
        page_url=publisher.page(schedule.procedure.slug),
        zone=publisher.rules.zone,
        changed_at=schedule.changed_at,
        default=schedule.first_seen_at,
        provenance=Provenance(
            note=publisher.standing,
            usual_closing=f"{clean(publisher.service.body)} usually closes at {closes}.",
        ),
    )


def _year(instant: datetime) -> int:
    return instant.astimezone(UTC).year
