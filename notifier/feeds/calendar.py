"""A schedule as a calendar (RFC 5545, RFC 7986): what a program shows, and how it is told of changes.

A calendar program knows an entry again by its UID, takes a higher SEQUENCE as a newer version, and fetches
the whole calendar again; a removed date is cancelled in its place rather than left out. There is no METHOD:
this is a calendar to look at, not an invitation (and PUBLISH would make an organiser mandatory).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from notifier.feeds.characters import cleaned, one_line
from notifier.feeds.model import require_aware

if TYPE_CHECKING:
    from icalendar import Event

CALENDAR_MEDIA_TYPE = "text/calendar"

_PRODUCT = "-//notifier//schedule of procedures//EN"
_REFRESH = timedelta(hours=1)
"""How often programs are asked to look again; most do so more rarely whatever they are asked."""


class EntryStatus(StrEnum):
    """STATUS of an entry (RFC 5545 §3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    """A date of a provisional schedule, as all are until they are seen to have happened."""
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One entry: a whole day, or the instant `at` on that day where the source itself states a time.

    `uid` never changes. `sequence` grows when the date moves; `stamp` is when this version came to be, never
    the time of rendering.

    Raises:
        ValueError: an instant without a zone.
    """

    uid: str
    summary: str
    description: str
    url: str
    day: date
    at: datetime | None = None
    sequence: int
    status: EntryStatus
    stamp: datetime

    def __post_init__(self) -> None:
        """Refuse instants that nobody can place."""
        require_aware(self.stamp, *([self.at] if self.at else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """One calendar. `id` never changes; `url` is the absolute address of the page that it shows."""

    id: str
    name: str
    description: str
    url: str
    entries: tuple[CalendarEntry, ...]


def render_calendar(view: CalendarView) -> bytes:
    """Return the calendar as an iCalendar stream in UTF-8; the same view gives the same bytes."""
    from icalendar import Calendar, vText  # noqa: PLC0415 - 80 modules: what starts the service waits for none

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("uid", one_line(view.id))
    # Each said twice: as RFC 7986 has it, and as the programs that came before it read it. As vText, because
    # icalendar does not know most of these and would leave their commas and line ends unescaped.
    for name in ("name", "x-wr-calname"):
        calendar.add(name, vText(one_line(view.name)))
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, vText(cleaned(view.description)))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{int(_REFRESH.total_seconds()) // 3600}H")
    calendar.add("url", one_line(view.url))
    if view.entries:
        calendar.add("last-modified", _utc(max(entry.stamp for entry in view.entries)))
    for entry in view.entries:
        calendar.add_component(_component(entry))
    return bytes(calendar.to_ical())


def _component(entry: CalendarEntry) -> "Event":
    from icalendar import Event  # noqa: PLC0415

    event = Event()
    event.add("uid", one_line(entry.uid))
    event.add("dtstamp", _utc(entry.stamp))
    event.add("last-modified", _utc(entry.stamp))
    event.add("sequence", entry.sequence)
    event.add("summary", one_line(entry.summary))
    event.add("description", cleaned(entry.description))
    event.add("url", one_line(entry.url))
    event.add("status", entry.status.value)
    # Nobody is busy because somebody else's consultation closes.
    event.add("transp", "TRANSPARENT")
    if entry.at is None:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
    else:
        # An instant: without DTEND it ends when it starts (§3.6.1). In UTC, so that no VTIMEZONE is needed.
        event.add("dtstart", _utc(entry.at))
    return event


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)
