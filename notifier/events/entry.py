"""The words of a feed entry. They are read later, on any day: every date is in full and none is relative."""

import html

from notifier.events.evidence import how_we_know, standing
from notifier.events.messages import said, telling
from notifier.events.model import Basis, EventKind, Payload
from notifier.events.sections import can_do, date_rows
from notifier.events.telling import Telling
from notifier.events.words import DateRow, EntryWords, Link
from notifier.settings import Service


def entry_words(
    kind: EventKind, basis: Basis, payload: Payload, *, service: Service, corrected: bool = False
) -> EntryWords:
    """Return title and HTML of the entry for one event.

    A `corrected` entry stays where it is, under its own id; its title begins "Corrected:".
    """
    t = telling(kind, basis, payload, service=service, today=None)
    words = said(t)
    first = "Corrected: " if corrected else ""
    paragraphs = [
        *_paragraphs(words.sentence, *words.notes),
        *(f"<p>{_linked(item)}</p>" for item in can_do(t)),
        *_dates(date_rows(t)),
        *_paragraphs(*how_we_know(t), standing((t,))),
        f"<p>{_linked(_page(t))}</p>",
    ]
    if corrected:
        paragraphs.insert(0, "<p>This was corrected later; a newer entry says what holds.</p>")
    return EntryWords(title=f"{first}{words.lead}: {t.named}", html="\n".join(paragraphs))


def _page(t: Telling) -> Link:
    return Link(text=f"All dates of {t.shown_id}", url=t.page)


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
