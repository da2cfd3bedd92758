"""What stands under the first sentence: what you can do, and the dates."""

from notifier.events.evidence import STATUS_KINDS
from notifier.events.language import mark, say
from notifier.events.messages_reopened import taken_again
from notifier.events.model import DateChange, EventKind
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import dates_words, full_day, hour
from notifier.events.words import DateRow, Link

NEXT_DATES = 2
"""How many dates still to come are said beside the news itself."""


_PUBLICATION = (EventKind.EXPECTED, EventKind.NOT_YET, EventKind.PUBLISHED)
_TIME_CHANGED = (EventKind.EXTENDED, EventKind.SHORTENED, EventKind.REOPENED)
_DO_NOTHING = {
    EventKind.SUSPENDED: mark("You need do nothing. We write when its dates count again."),
    EventKind.REMOVED: mark("You need do nothing. We write when there is a new date."),
    EventKind.DISCONTINUED: mark("You need do nothing."),
    EventKind.MEETING: mark("Nothing is asked of you."),
    EventKind.REACHED: mark("Nothing is asked of you."),
}


def can_do(t: Telling) -> tuple[str | Link, ...]:
    """Return the useful act; where there is none, a sentence that says so and where to look."""
    if t.kind in _DO_NOTHING:
        return (say(_DO_NOTHING[t.kind]), _see_the_page(t))
    if t.kind.opens_or_closes:
        return _about_comments(t)
    if t.kind in _PUBLICATION:
        seen = t.confirmed and t.kind is not EventKind.NOT_YET
        if seen:
            return (_act(t, say("Read the guidance on {site}", site=t.site)),)
        return (_act(t, say("Look for it on {site}", site=t.site)),)
    calendar = Link(text=say("Keep its dates in your calendar"), url=t.calendar)
    if t.kind in _TIME_CHANGED:
        return (*_about_comments(t), calendar)
    return (_see_the_page(t), calendar) if t.kind is EventKind.CORRECTION else (calendar,)


def more_links(t: Telling) -> tuple[Link, ...]:
    """Return where else one can follow the procedure: calendar, unless that is the act itself, and feed."""
    calendar = Link(text=say("Add its dates to your calendar"), url=t.calendar)
    feed = Link(text=say("Follow its feed"), url=t.feed)
    acts = {item.url for item in can_do(t) if isinstance(item, Link)}
    return (feed,) if t.calendar in acts else (calendar, feed)


def _about_comments(t: Telling) -> tuple[str | Link, ...]:
    if t.kind is not EventKind.CLOSED and not t.over:
        return (_act(t, _comment_words(t)),)
    late = say("Comments can no longer be sent.") if t.comments else say("The time to take part is over.")
    return (late, _see_the_page(t))


def _comment_words(t: Telling) -> str:
    if not t.comments:
        return say("See who can take part, and how, on {site}", site=t.site)
    unseen = (t.kind is EventKind.OPENED and not t.confirmed) or (
        t.kind is EventKind.REOPENED and not taken_again(t)
    )
    if unseen:
        return say("Look for the consultation on {site}", site=t.site)
    return say("Read the consultation and comment on {site}", site=t.site)


def _see_the_page(t: Telling) -> Link:
    return _act(t, say("See the page on {site}", site=t.site))


def _act(t: Telling, words: str) -> Link:
    """Return the link to act on: the body's page, or ours where none is known."""
    if t.link:
        return Link(text=words, url=t.link)
    return Link(text=say("See all we know of {id}", id=t.shown_id), url=t.page)


def date_rows(t: Telling) -> tuple[DateRow, ...]:
    """Return the dates of the news itself, then the next ones still to come."""
    rows = [_changed_row(change) for change in t.payload.changes]
    if not rows and t.kind is not EventKind.CORRECTION:  # what it says of its own date may be what was wrong
        rows = _own_rows(t)
    told = {row.label for row in rows} | ({t.label} if rows else set())
    coming = [step for step in t.payload.next_dates if clean(step.label) not in told]
    rows += [
        DateRow(label=clean(step.label), value=dates_words(step.dates, weekdays=True))
        for step in coming[:NEXT_DATES]
    ]
    return tuple(rows)


def _changed_row(change: DateChange) -> DateRow:
    now = say("removed") if change.new is None else dates_words(change.new, weekdays=True)
    before = None if change.old is None else dates_words(change.old, weekdays=True)
    return DateRow(label=clean(change.label), value=now, before=before)


def _own_rows(t: Telling) -> list[DateRow]:
    deadline, closes_at = t.payload.deadline, t.payload.closes_at
    if t.payload.milestone_kind is not None and t.payload.milestone_kind.spans and deadline is not None:
        closing = full_day(deadline)
        if t.payload.time_stated and closes_at:
            closing = say("{day}, {time}", day=closing, time=hour(closes_at))
        elif t.kind is EventKind.OPENED and not t.confirmed:
            closing += t.habit()  # the first sentence of what is only scheduled names no hour
        ends = DateRow(label=say("Closes") if t.comments else say("Ends"), value=closing)
        start = None if t.kind is EventKind.CLOSED else t.payload.start
        return [ends] if start is None else [DateRow(label=say("Opens"), value=full_day(start)), ends]
    if t.label and t.kind not in STATUS_KINDS:
        return [DateRow(label=t.label, value=full_day(t.day))]
    return []
