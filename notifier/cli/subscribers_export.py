"""`notifier subscribers export`."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import typer

from notifier.csv_cells import neutral
from notifier.db import Database
from notifier.events.interest import Preset, kinds_of, preset_of
from notifier.events.proof.facts import Asking
from notifier.events.wording import count
from notifier.subscriptions.bulk.exporting import exported
from notifier.subscriptions.bulk.rows import COLUMNS

_STANDARD_OUTPUT = Path("-")


async def write_all(db: Database, asking: Asking, path: Path) -> None:
    """Write everybody to a file, or to the output.

    Raises:
        typer.Exit: 1, where the file cannot be written; a sentence was printed.
    """
    number = 0
    try:
        with _open(path) as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            async for page in exported(db, _preset_name, asking.rules.zone):
                rows.writerows([neutral(cells[name]) for name in COLUMNS] for cells in page)
                number += len(page)
    except OSError as error:
        typer.echo(f"notifier: {path}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{count(number, 'row')} written.", err=True)


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    if path == _STANDARD_OUTPUT:
        yield sys.stdout
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # as spreadsheets want it
        path.chmod(0o600)
        yield file


def _preset_name(kinds: int) -> str:
    """Return the preset of some kinds; of those of no preset, the one that differs in the fewest."""
    exact = preset_of(kinds)
    return exact or min(Preset, key=lambda one: (kinds_of(one) ^ kinds).bit_count())
