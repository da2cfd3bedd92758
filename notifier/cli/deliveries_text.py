"""What `notifier deliveries` prints: a table on a terminal, lines elsewhere, CSV or JSON.

Each writer takes a page at a time and keeps none: a hundred thousand people need no more memory than ten.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from notifier.cli.deliveries_values import COLUMNS, about_json, dumped, entry_json, rows_of
from notifier.csv_cells import neutral
from notifier.events.proof.listing import Entry, Opening
from notifier.events.proof.model import Person
from notifier.events.proof.words import day_words, moment_words


class Writer(Protocol):
    """Prints people as they come."""

    def page(self, entries: Sequence[Entry]) -> None:
        """Print a page of people."""
        ...

    def end(self) -> None:
        """Print what comes after the last."""
        ...


def writer(head: Opening, *, as_csv: bool, as_json: bool) -> Writer:
    """Return what prints in the wanted form; the head is printed at once."""
    if as_csv:
        return _Csv(head)
    if as_json:
        return _Json(head)
    console = Console()
    return _Table(head, console) if console.is_terminal else _Lines(head)


class _Counting:
    """Counts who came, for the last line."""

    def __init__(self, head: Opening) -> None:
        self._head = head
        self._zone = head.facts.zone
        self.count: Counter[str] = Counter()

    def _note(self, entries: Sequence[Entry]) -> None:
        self.count.update(entry.answer.case.value for entry in entries)

    def _sum(self) -> str:
        if not self.count:
            return "Nobody; `notifier why ADDRESS EVENT` says why not."
        parts = ", ".join(f"{number:,} {case}" for case, number in self.count.most_common())
        return f"{self.count.total():,} in all: {parts}."


class _Lines(_Counting):
    """A line for each person, its parts between tabs."""

    def __init__(self, head: Opening) -> None:
        super().__init__(head)
        typer.echo("\n".join(_head_lines(head)))

    def page(self, entries: Sequence[Entry]) -> None:
        self._note(entries)
        lines = ("\t".join(_cells(entry, self._zone)) for entry in entries)
        typer.echo("\n".join(lines))

    def end(self) -> None:
        typer.echo(self._sum())


class _Table(_Counting):
    """A table whose columns keep their places from page to page."""

    def __init__(self, head: Opening, console: Console) -> None:
        super().__init__(head)
        self._console = console
        self._first = True
        for line in _head_lines(head):
            console.print(Text(line))

    def page(self, entries: Sequence[Entry]) -> None:
        self._note(entries)
        table = Table(
            Column("Address", ratio=2, overflow="fold"),
            Column("Queued", width=19),
            Column("What became of it", ratio=4, overflow="fold"),
            box=None,
            expand=True,
            show_header=self._first,
        )
        self._first = False
        for entry in entries:
            table.add_row(*(Text(cell) for cell in _cells(entry, self._zone)))
        self._console.print(table)

    def end(self) -> None:
        self._console.print(Text(self._sum()))


class _Csv(_Counting):
    """A row for each attempt; somebody whom nothing was sent to yet has one row too."""

    def __init__(self, head: Opening) -> None:
        super().__init__(head)
        self._rows = csv.writer(sys.stdout, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def page(self, entries: Sequence[Entry]) -> None:
        self._note(entries)
        for entry in entries:
            for row in rows_of(entry, self._zone):
                self._rows.writerow([neutral(row[name]) for name in COLUMNS])

    def end(self) -> None:
        typer.echo(self._sum(), err=True)


class _Json(_Counting):
    """One document, written person by person."""

    def __init__(self, head: Opening) -> None:
        super().__init__(head)
        self._between = ""
        typer.echo(f'{{"event": {dumped(about_json(head.facts.about, self._zone))},\n"people": [', nl=False)

    def page(self, entries: Sequence[Entry]) -> None:
        self._note(entries)
        for entry in entries:
            typer.echo(f"{self._between}\n{dumped(entry_json(entry, self._zone))}", nl=False)
            self._between = ","

    def end(self) -> None:
        typer.echo(f'\n],\n"count": {dumped(dict(self.count))}}}')


def _head_lines(head: Opening) -> Iterator[str]:
    about, zone = head.facts.about, head.facts.zone
    yield about.title
    corrected = f"; corrected on {day_words(about.corrected_at, zone)}" if about.corrected_at else ""
    yield (
        f"Event {about.seq} ({about.public_id}), announced at {moment_words(about.recorded_at, zone)}"
        f"{corrected}."
    )
    if about.no_mail:
        yield "Nobody was mailed about this: it stands on the pages and in the feeds alone."
    for one in head.unqueued:
        yield f"Not everybody is queued yet: the mailing of {moment_words(one.not_before, zone)} goes on."


def _cells(entry: Entry, zone: ZoneInfo) -> tuple[str, str, str]:
    queued = next((mail.queued_at for mail in entry.person.sendings), None)
    there = "" if queued is None else f"{queued.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return _name(entry.person), there, entry.answer.sentence


def _name(person: Person) -> str:
    return person.address or f"(erased, {(person.address_hash or 'unknown')[:8]})"
