"""`notifier subscribers import`: progress for who waits, a line and a row for each that is refused."""

import csv
import filecmp
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count as counting
from itertools import takewhile
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from notifier.clock import machine_now
from notifier.csv_cells import neutral
from notifier.db import Database
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.events.proof.facts import Asking
from notifier.events.wording import count
from notifier.subscriptions.bulk.csv_file import CsvFile, ListError, open_csv
from notifier.subscriptions.bulk.importing import Report, import_list, what_is_known
from notifier.subscriptions.bulk.rows import COLUMNS, REPORTED, Refused
from notifier.subscriptions.bulk.writing import Importing


async def take_in_file(db: Database, asking: Asking, path: Path, *, dry_run: bool) -> None:
    """Import a file and say what came of it.

    Raises:
        typer.Exit: 2, where the file cannot be read; 1, where some of its rows were refused.
    """
    importing = Importing(
        signer=asking.signer,
        kinds=lambda preset, reminders: reminding(kinds_of(Preset(preset)), on=reminders),
        zone=asking.rules.zone,
        now=asking.now,
        machine_now=machine_now(),
        dry_run=dry_run,
    )
    try:
        file = open_csv(path)
        async with db.read() as conn:
            today = asking.rules.local_date(asking.now)
            known = await what_is_known(conn, [one.value for one in Preset], today=today)
        with _Refusals(path, dry_run=dry_run) as refusals, _progress(file) as advanced:
            report = await import_list(db, file, known, importing, refuse=refusals.add, advanced=advanced)
    except ListError as error:
        typer.echo(f"notifier: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(_sentence(report, dry_run=dry_run))
    if report.refused:
        typer.echo(refusals.sentence, err=True)
        raise typer.Exit(1)


def _sentence(report: Report, *, dry_run: bool) -> str:
    lead = "A dry run, nothing was changed. What would be: " if dry_run else ""
    return (
        f"{lead}{count(report.new, 'row')} taken in, {report.there} already there, {report.refused} refused."
    )


class _Refusals:
    """Rows that were refused, told and kept in a file as they were: to be mended and imported again.

    The file is made with the first of them. One of an earlier try stays, for it may be half
    mended; one that says the same is not written twice.
    """

    def __init__(self, source: Path, *, dry_run: bool) -> None:
        self._source = source
        self._dry_run = dry_run
        self._path = self._named(1)
        self._file: TextIO | None = None

    def __enter__(self) -> "_Refusals":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is None:
            return
        self._file.close()
        for earlier in self._earlier():
            if filecmp.cmp(earlier, self._path, shallow=False):
                self._path.unlink()
                self._path = earlier
                return

    @property
    def sentence(self) -> str:
        """What to do about them."""
        if self._dry_run:
            return "A dry run writes no file; the import itself keeps the refused rows in one, to be mended."
        left = "".join(f"{one} was there already and is left as it is.\n" for one in self._earlier())
        return f"{left}Mend the refused rows in {self._path} and import that."

    def _named(self, number: int) -> Path:
        return self._source.with_suffix(".refused.csv" if number == 1 else f".refused-{number}.csv")

    def _earlier(self) -> Iterator[Path]:
        return takewhile(lambda one: one != self._path, map(self._named, counting(1)))

    def _open(self) -> TextIO:
        self._path = next(one for one in map(self._named, counting(1)) if not os.path.lexists(one))
        made = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds addresses
        return os.fdopen(made, "w", encoding="utf-8-sig", newline="")  # as spreadsheets want it

    def add(self, one: Refused) -> None:
        """Report a row, on the error output and in the file."""
        problems = "; ".join(map(str, one.problems))
        typer.echo(f"line {one.row.line}: {problems}", err=True)
        if self._dry_run:
            return
        if self._file is None:
            self._file = self._open()
            csv.writer(self._file, lineterminator="\n").writerow((*COLUMNS, *REPORTED))
        cells = [one.row.cells.get(name, "") for name in COLUMNS]
        meant = "; ".join(problem.meant for problem in one.problems if problem.meant)
        row = [*cells, str(one.row.line), "; ".join(problem.what for problem in one.problems), meant]
        csv.writer(self._file, lineterminator="\n").writerow(map(neutral, row))


@contextmanager
def _progress(file: CsvFile) -> Iterator[Callable[[int], None]]:
    """Show how far it is, to somebody at a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("Taking in", total=file.lines)
        yield lambda line: progress.update(task, completed=line)
