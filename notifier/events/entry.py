"""The words of a feed entry. They are read later, on any day: every date is in full and none is relative."""

import html

from notifier.events.evidence import how_we_know, standing
from notifier.events.language import say
from notifier.events.messages import said, telling
from notifier.events.model import Basis, Event, EventKind, Payload
from notifier.events.sections import can_do, date_rows
from notifier.events.telling import Telling
from notifier.events.words import DateRow, EntryWords, Link
from notifier.settings import Service

_PUBLICATION_AWAITED = (EventKind.EXPECTED, EventKind.NOT_YET)


def is_entry(event: Event) -> bool:
    """Whether an event is read as an entry of its own.

    A correction is what a reader must see. Whatever else amends an event stands in that event's entry, and a
    change that is told as a correction is not told twice.
    """
    return event.kind is EventKind.CORRECTION or (
        event.kind is not EventKind.CONFIRMED and event.corrects_seq is None
    )


def entry_words(kind: EventKind, basis: Basis, payload: Payload, *, service: Service) -> EntryWords:
    """Return title and HTML of the entry for one event."""
    t = telling(kind, basis, payload, service=service, today=None)
    words = said(t)
    paragraphs = [
        *_paragraphs(words.sentence, *words.notes),
        *(f"<p>{_linked(item)}</p>" for item in can_do(t)),
        *_dates(date_rows(t)),
        *_paragraphs(*how_we_know(t), standing((t,))),
        f"<p>{_linked(_page(t))}</p>",
    ]
    return EntryWords(title=f"{words.lead}: {t.named}", html="\n".join(paragraphs))


def confirmed_words(kind: EventKind, payload: Payload, *, service: Service) -> EntryWords:
    """Return the words of the entry of an event of `kind`, once what it said was seen to have happened.

    `payload.read_at` is when it was seen on the source, None where the operator says so. A publication that
    was awaited is then published.
    """
    happened = EventKind.PUBLISHED if kind in _PUBLICATION_AWAITED else kind
    return entry_words(happened, Basis.CONFIRMED, payload, service=service)


def corrected_words(told: EntryWords) -> EntryWords:
    """Return the words of an entry that was corrected later: what was told, marked as no longer true."""
    first = "<p>This was corrected later; a newer entry says what holds.</p>"
    return EntryWords(title=f"Corrected: {told.title}", html=f"{first}\n{told.html}")


def _page(t: Telling) -> Link:
    return Link(text=say("All dates of {id}", id=t.shown_id), url=t.page)


def _paragraphs(*sentences: str) -> list[str]:
    return [f"<p>{html.escape(sentence)}</p>" for sentence in sentences]


def _linked(item: str | Link) -> str:
    if isinstance(item, str):
        return html.escape(item)
    return f'<a href="{html.escape(item.url)}">{html.escape(item.text)}</a>'


def _dates(rows: tuple[DateRow, ...]) -> list[str]:
    items = "".join(f"<li>{html.escape(row_words(row))}</li>" for row in rows)
    return [f"<ul>{items}</ul>"] if items else []


def row_words(row: DateRow) -> str:
    """Return one date on one line: "IPAC 2: Thursday 9 February 2023 (was Thursday 12 January 2023)"."""
    before = f" (was {row.before})" if row.before is not None else ""
    return f"{row.label}: {row.value}{before}"
