"""What changed, old → new, and when it was seen: told from the recorded facts, newest first. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from notifier.events.entry import is_entry
from notifier.events.model import Basis, DateChange, Event, EventKind
from notifier.events.titles import clean, full_title
from notifier.events.wording import count, dates_words, local, plain_day

_TOLD = frozenset(
    (
        EventKind.DATE_ADDED,
        EventKind.DATE_SET,
        EventKind.MOVED,
        EventKind.EXTENDED,
        EventKind.SHORTENED,
        EventKind.REMOVED,
        EventKind.SUSPENDED,
        EventKind.RESTARTED,
        EventKind.DISCONTINUED,
        EventKind.PUBLISHED,
        EventKind.REOPENED,
        EventKind.CORRECTION,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDate:
    """One row that changed; `old` is empty where no date was given before."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One thing that changed in one procedure; `note` is what the operator says of it, mostly nothing."""

    slug: str
    title: str
    shown_id: str
    what: str
    dates: Sequence[ChangedDate]
    note: str
    seen: str
    seen_iso: str


def changes(events: Iterable[Event], *, limit: int, listed: bool = False) -> Sequence[Changed]:
    """Return at most `limit` changes; with `listed`, also when a procedure was first listed here.

    A change that is told as a correction has one line, the correction's.
    """
    told = _TOLD | {EventKind.LISTED} if listed else _TOLD
    shown = (one for one in events if one.kind in told and is_entry(one))
    return [_changed(one) for one in islice(shown, limit)]


def _changed(event: Event) -> Changed:
    payload = event.payload
    seen = local(event.occurred_at, payload.zone).date()
    rows = () if event.kind is EventKind.LISTED else payload.changes
    return Changed(
        slug=payload.slug,
        title=full_title(payload.title, payload.shown_id),
        shown_id=clean(payload.shown_id),
        what=_what(event),
        dates=[_row(one) for one in rows],
        note=clean(payload.note or "") if event.kind is EventKind.CORRECTION else "",
        seen=plain_day(seen),
        seen_iso=seen.isoformat(),
    )


_WHAT = {
    EventKind.SUSPENDED: "Suspended",
    EventKind.RESTARTED: "Restarted",
    EventKind.DISCONTINUED: "Discontinued",
    EventKind.PUBLISHED: "Published",
    EventKind.CORRECTION: "Correction",
    EventKind.DATE_ADDED: "New date",
    EventKind.DATE_SET: "Date set",
    EventKind.MOVED: "Date moved",
    EventKind.EXTENDED: "More time",
    EventKind.SHORTENED: "Less time",
    EventKind.REMOVED: "Date removed",
    EventKind.REOPENED: "Open again",
}
_UNSEEN = {EventKind.PUBLISHED: "Listed as complete", EventKind.REOPENED: "Scheduled again"}
"""What is said instead where the source has not shown that it happened (promises §1.2)."""


def _what(event: Event) -> str:
    if event.kind in _UNSEEN and event.basis is not Basis.CONFIRMED:
        return _UNSEEN[event.kind]
    if event.kind is not EventKind.LISTED:
        return _WHAT[event.kind]
    dated = len(event.payload.changes)
    return f"Listed here with {count(dated, 'date')}" if dated else "Listed here"


def _row(change: DateChange) -> ChangedDate:
    return ChangedDate(
        label=clean(change.label),
        old="" if change.old is None else dates_words(change.old),
        new="removed" if change.new is None else dates_words(change.new),
    )
