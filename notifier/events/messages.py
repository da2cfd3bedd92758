"""The words of an alert: subject, first sentence and what stands under it, for each kind and basis of news.

Pure: the same events, day and service give the same words. The promised sentences are tabled in
`tests/events/test_messages.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from notifier.events import messages_changes as changes
from notifier.events import messages_correction, messages_reopened
from notifier.events import messages_dates as dates
from notifier.events import messages_status as status
from notifier.events import messages_windows as windows
from notifier.events.evidence import end_note, how_we_know, late_note, standing
from notifier.events.language import goes_on, say
from notifier.events.model import Basis, Event, EventKind, Payload
from notifier.events.sections import can_do, date_rows, more_links
from notifier.events.several import deadlines_first, several_subject
from notifier.events.telling import Telling
from notifier.events.timeline import timeline, timeline_line
from notifier.events.titles import clean, subject
from notifier.events.wording import full_day
from notifier.events.words import Link, MailWords, OverviewPart, Said, Section
from notifier.procedures.model import MilestoneKind
from notifier.settings import Service
from notifier.subscriptions.model import Rhythm

_SAYS: dict[EventKind, Callable[[Telling], Said]] = {
    EventKind.OPENED: windows.opened,
    EventKind.CLOSING_SOON: windows.closing_soon,
    EventKind.CLOSED: windows.closed,
    EventKind.MEETING: dates.meeting,
    EventKind.EXPECTED: dates.expected,
    EventKind.NOT_YET: dates.not_yet,
    EventKind.REACHED: dates.reached,
    EventKind.DATE_ADDED: changes.changed,
    EventKind.DATE_SET: changes.changed,
    EventKind.MOVED: changes.changed,
    EventKind.EXTENDED: changes.changed,
    EventKind.SHORTENED: changes.changed,
    EventKind.REMOVED: changes.changed,
    EventKind.SUSPENDED: status.suspended,
    EventKind.RESTARTED: status.restarted,
    EventKind.DISCONTINUED: status.discontinued,
    EventKind.PUBLISHED: dates.published,
    EventKind.LISTED: status.listed,
    EventKind.CORRECTION: messages_correction.correction,
    EventKind.REOPENED: messages_reopened.reopened,
}

# What is confirmed is told as that which came true; nobody is mailed, so these are words for pages and proof.
_CAME_TRUE = {
    MilestoneKind.CONSULTATION: EventKind.OPENED,
    MilestoneKind.WINDOW: EventKind.OPENED,
    MilestoneKind.MEETING: EventKind.MEETING,
    MilestoneKind.PUBLICATION: EventKind.PUBLISHED,
}


def said(t: Telling) -> Said:
    """Return the lead, the first sentence and the notes of one piece of news."""
    return _SAYS[t.kind](t)


def telling(
    kind: EventKind, basis: Basis, payload: Payload, *, service: Service, today: date | None
) -> Telling:
    """Return what the words of one event are made of; `today` is None for what is read later."""
    if kind is EventKind.CONFIRMED:
        about = payload.milestone_kind
        kind = EventKind.REACHED if about is None else _CAME_TRUE.get(about, EventKind.REACHED)
    return Telling(kind=kind, basis=basis, payload=payload, service=service, today=today)


def mail_words(
    events: Sequence[Event],
    *,
    today: date,
    service: Service,
    rhythm: Rhythm = Rhythm.AT_ONCE,
    overview: tuple[OverviewPart, ...] = (),
) -> MailWords:
    """Return the words of one mail about `events` (at least one), those with a deadline first.

    `today` is the reader's civil day when the mail is sent; `rhythm` is that of a digest.
    """
    ordered = deadlines_first(
        [telling(e.kind, e.basis, e.payload, service=service, today=today) for e in events]
    )
    words = frame_words(ordered, today=today, rhythm=rhythm)
    return replace(words, sections=tuple(section_words(t) for t in ordered), overview=overview)


def frame_words(ordered: Sequence[Telling], *, today: date, rhythm: Rhythm) -> MailWords:
    """Return the words around the news of a mail, which is told in this order."""
    first = ordered[0]
    slugs = {t.payload.slug for t in ordered}
    alone = len(slugs) == 1
    return MailWords(
        subject=_subject(first) if len(ordered) == 1 else several_subject(ordered),
        sections=(),
        standing=standing(ordered),
        kind=first.kind.value if len(ordered) == 1 else "several",
        slug=first.payload.slug if alone else None,
        shown_id=first.shown_id if alone else None,
        intro=_intro(rhythm, today),
    )


def _intro(rhythm: Rhythm, today: date) -> str:
    match rhythm:
        case Rhythm.DAILY:
            return say("Your daily alerts of {day}.", day=full_day(today))
        case Rhythm.WEEKLY:
            return say("Your weekly alerts of {day}.", day=full_day(today))
        case Rhythm.AT_ONCE:
            return ""


def _subject(t: Telling) -> str:
    return subject(_lead(t), t.payload.title, t.payload.shown_id)


def _lead(t: Telling) -> str:
    """Return the lead; of a late alert, "Late: comment by 11 Nov"."""
    lead = said(t).lead
    if t.payload.late_days <= 0:
        return lead
    labels = [t.label, *(clean(change.label) for change in t.payload.changes)]
    if any(label and lead.startswith(label) for label in labels):
        return say("Late: {lead}", lead=lead)
    return say("Late: {lead}", lead=goes_on(lead))


def section_words(t: Telling) -> Section:
    """Return the words of one piece of news."""
    words = said(t)
    steps = timeline(t)
    return Section(
        heading=t.topic,
        lead=words.sentence,
        notes=(*late_note(t), *words.notes, *end_note(t)),
        can_do=can_do(t),
        dates=date_rows(t),
        how_we_know=how_we_know(t),
        page=Link(text=say("All dates of {id}", id=t.shown_id), url=t.page),
        steps=steps,
        steps_line=timeline_line(steps),
        more=more_links(t),
    )
