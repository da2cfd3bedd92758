"""What `notifier copy-database` prints: a table on a terminal, lines elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Column, Table

from notifier import copied
from notifier.copying.copy import Compared
from notifier.opening import named
from notifier.settings import Database as DatabaseSettings

_SHORT = 8
"""Digits of a checksum that a terminal has room for; lines have all of them."""


def show(compared: Sequence[Compared]) -> None:
    """Print every table with counts and checksums; here is the SQLite file, there is PostgreSQL."""
    console = Console()
    if not console.is_terminal:
        typer.echo("\n".join(_line(one) for one in compared))
        return
    words = ("rows", "there", "checksum", "there")
    table = Table("table", *(Column(one, justify="right") for one in words), "", box=None)
    for column in table.columns:
        column.no_wrap = True
    for one in compared:
        rows = (f"{one.here.rows:,}", f"{one.there.rows:,}")
        sums = (one.here.checksum[:_SHORT], one.there.checksum[:_SHORT])
        table.add_row(one.table, *rows, *sums, _word(one), style=None if one.is_same else "bold red")
    console.print(table)


def _line(one: Compared) -> str:
    rows = (str(one.here.rows), str(one.there.rows))
    return "\t".join((one.table, *rows, one.here.checksum, one.there.checksum, _word(one)))


def _word(one: Compared) -> str:
    return "same" if one.is_same else "DIFFERENT"


def difference_words(different: Sequence[Compared]) -> str:
    """Say which tables differ."""
    names = ", ".join(f'"{one.table}"' for one in different)
    return f"notifier: PostgreSQL does not hold what the SQLite file holds: {names}"


def sameness_words(compared: Sequence[Compared], at: DatabaseSettings, *, copied: bool) -> str:
    """Say that all is the same, and how to go on after a copy."""
    rows = sum(one.here.rows for one in compared)
    same = f"{len(compared)} tables with {rows:,} rows are the same in {at.path} and {named(at)}."
    if not copied:
        return same
    return (
        f"{same}\nStart `notifier serve`: it goes on there. {at.path} stays as it is, and is served no more."
    )


def doubt_words(at: DatabaseSettings) -> str:
    """Say what to do when an error came so late that the copy may stand; nothing where it came before."""
    if copied.noted(at.path) is None:
        return ""
    return (
        f". The copy was whole, and PostgreSQL may have kept it: see with `notifier copy-database --verify`. "
        f"If it kept nothing, delete {copied.note_path(at.path)} and begin again"
    )


@contextmanager
def progress(doing: str) -> Iterator[Callable[[str, int], None]]:
    """Show how far it is, to somebody at a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _table, _rows: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    done = 0
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(doing, total=None)

        def advanced(table: str, rows: int) -> None:
            nonlocal done
            done += rows
            shown.update(task, description=f"{doing} {table}: {done:,} rows in all")

        yield advanced
