"""`notifier import`."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from notifier.cli.foreseeing import Findings
    from notifier.settings import Settings

SLOW = 500
"""So many procedures take long enough that somebody at a terminal is shown how far it is."""


def import_document(
    document: Annotated[
        str,
        typer.Argument(
            help='A page of NICE, its JSON, or CSV, TOML or JSON of procedures: a file, "-" or a web address.'
        ),
    ],
    reference: Annotated[
        str | None,
        typer.Option(
            help='The reference of a page that does not say it, such as "GID-IPG10158"; of many '
            "procedures, the one to import."
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="The title of a page that leaves it out.")] = None,
    read_at: Annotated[
        str | None, typer.Option(help="When the page was saved, such as 2022-10-14T08:55; by default now.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and who would be told; change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all that was read as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Read a document and take its schedules in."""
    from notifier.cli import import_text  # noqa: PLC0415 - `--help` loads none of this
    from notifier.clock import SystemClock  # noqa: PLC0415
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415
    from notifier.sources.errors import SourceError  # noqa: PLC0415
    from notifier.sources.fetching.fetcher import FetchError  # noqa: PLC0415

    now = SystemClock().now()
    try:
        settings = load_settings(config, os.environ)
        found = _bring_in(document, reference, title, read_at, dry_run, settings, now)
    except (SettingsError, SourceError, FetchError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if not found.readings:
        problems = [str(one) for one in found.problems] or [f"{document}: it holds no procedure"]
        typer.echo("\n".join(problems), err=True)
        raise typer.Exit(2)
    if as_json:
        typer.echo(json.dumps(import_text.as_json(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(import_text.as_text(found))
    today = now.astimezone(settings.times.tz).date()
    typer.echo(import_text.sentence(found, dry_run=dry_run, today=today), err=as_json)
    for problem in found.problems:
        typer.echo(f"Left out: {problem}", err=True)


def _bring_in(
    place: str,
    reference: str | None,
    title: str | None,
    read_at: str | None,
    dry_run: bool,
    settings: "Settings",
    now: "datetime",
) -> "Findings":
    import asyncio  # noqa: PLC0415

    from notifier.cli.document import Wanted, open_document  # noqa: PLC0415
    from notifier.cli.foreseeing import bring_in  # noqa: PLC0415
    from notifier.cli.voice import voice_of  # noqa: PLC0415

    voice = voice_of(settings)
    wanted = Wanted(place=place, reference=reference, title=title, read_at=_saved_at(read_at, settings, now))
    document = open_document(wanted, settings, now=now)
    with _progress(len(document.records.snapshots)) as advanced:
        work = bring_in(document, settings, voice, now=now, dry_run=dry_run, advanced=advanced)
        return asyncio.run(work)


def _saved_at(text: str | None, settings: "Settings", now: "datetime") -> "datetime | None":
    from notifier.cli.instants import read_instant  # noqa: PLC0415
    from notifier.sources.intake import intake_of  # noqa: PLC0415

    if text is None:
        return None
    rules = intake_of(settings.times).rules
    found = read_instant(text, rules, option="--read-at", today=rules.local_date(now))
    if found > now:
        raise typer.BadParameter(f"“{text}” has not come yet", param_hint="--read-at")
    return found


@contextmanager
def _progress(number: int) -> Iterator[Callable[[int], None]]:
    """Show how far it is, to somebody at a terminal who has to wait for it."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if number <= SLOW or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Comparing", total=number)

        def advanced(more: int) -> None:
            progress.advance(task, more)
            if progress.finished:
                progress.add_task("Taking in", total=None)  # one long write, whose pace nobody knows

        yield advanced
