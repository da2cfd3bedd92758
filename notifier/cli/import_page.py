"""`notifier import`."""

import json
import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.procedures.model import Snapshot
    from notifier.procedures.revise import Change
    from notifier.settings import Settings
    from notifier.sources.sync import Taken


def import_page(
    page: Annotated[Path, typer.Argument(help="The text of a NICE project page.")],
    reference: Annotated[str, typer.Option(help='The page\'s reference, such as "GID-IPG10158".')],
    title: Annotated[str | None, typer.Option(help="The title, which the text of a page leaves out.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was read as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Read a NICE project page and take its schedule in."""
    import asyncio  # noqa: PLC0415 - `--help` loads none of this
    from dataclasses import replace  # noqa: PLC0415

    from notifier.cli.changes import change_as_json, snapshot_as_text  # noqa: PLC0415
    from notifier.clock import SystemClock  # noqa: PLC0415
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415
    from notifier.sources.as_json import snapshot_as_json  # noqa: PLC0415
    from notifier.sources.errors import SourceError  # noqa: PLC0415

    now = SystemClock().now()
    try:
        settings = load_settings(config, os.environ)
        snapshot = _read(page, reference, now, settings)
    except (SettingsError, SourceError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if title:
        snapshot = replace(snapshot, facts=replace(snapshot.facts, title=title.strip()))
    try:
        if dry_run:
            changes, said = asyncio.run(_preview(snapshot, settings, _today(now, settings)))
        else:
            taken = asyncio.run(_take_in(snapshot, page, settings, now))
            changes, said = taken.changes, _sentence(snapshot, taken)
    except SourceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        document = snapshot_as_json(snapshot, [change_as_json(one) for one in changes])
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        typer.echo(snapshot_as_text(snapshot, changes))
    typer.echo(said, err=as_json)


def _read(page: Path, reference: str, now: datetime, settings: "Settings") -> "Snapshot":
    from notifier.sources.errors import SourceError  # noqa: PLC0415
    from notifier.sources.nice_page import read_page  # noqa: PLC0415
    from notifier.sources.reference import REFERENCE, is_reference  # noqa: PLC0415

    if not is_reference(reference):
        raise SourceError(file="--reference", line=None, found=reference, expected=REFERENCE)
    try:
        text = page.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = page.read_bytes()[: error.start].count(b"\n") + 1
        raise SourceError(file=str(page), line=line, found=None, expected="text in UTF-8") from None
    except OSError as error:
        expected = f"a readable file ({error.strerror or error})"
        raise SourceError(file=str(page), line=None, found=None, expected=expected) from None
    return read_page(text, name=str(page), reference=reference, today=_today(now, settings))


def _today(now: datetime, settings: "Settings") -> date:
    return now.astimezone(settings.times.tz).date()


async def _preview(snapshot: "Snapshot", settings: "Settings", today: date) -> tuple[Sequence["Change"], str]:
    """Compare with the database if there is one; a dry run does not even make the file."""
    from notifier import schema  # noqa: PLC0415
    from notifier.db import Database, sqlite_url  # noqa: PLC0415
    from notifier.procedures.revise import revise  # noqa: PLC0415
    from notifier.sources.sync import preview  # noqa: PLC0415

    said = "Nothing was changed: this was a dry run."
    if not settings.database.path.is_file():
        return revise(None, snapshot, today=today).changes, said
    db = Database(sqlite_url(settings.database.path))
    try:
        if not await schema.is_current(db):
            return revise(None, snapshot, today=today).changes, said
        return await preview(db, snapshot, today=today), said
    finally:
        await db.dispose()


async def _take_in(snapshot: "Snapshot", page: Path, settings: "Settings", now: datetime) -> "Taken":
    from notifier import schema  # noqa: PLC0415
    from notifier.db import Database, sqlite_url  # noqa: PLC0415
    from notifier.sources.sync import intake_of, take_in  # noqa: PLC0415

    settings.database.path.parent.mkdir(parents=True, exist_ok=True)
    db = Database(sqlite_url(settings.database.path))
    try:
        await schema.upgrade(db)
        return await take_in(
            db,
            snapshot,
            source="pages",
            actor=f"import of {page.name}",
            intake=intake_of(settings.times),
            now=now,
            page_read_at=now,
        )
    finally:
        await db.dispose()


def _sentence(snapshot: "Snapshot", taken: "Taken") -> str:
    name = snapshot.facts.title or snapshot.reference
    if not taken.changes:
        return f"{name}: nothing new since it was last read."
    if taken.is_new and taken.wholly_past:
        return (
            f"{name} is listed. All of its dates have passed, so nobody is mailed: it gets one feed entry, "
            "“Now listed here”, with its dates. To see its dates announced, run `notifier demo`."
        )
    if taken.is_new:
        return f"{name} is listed; its dates still to come will be announced."
    return f"{name}: {len(taken.changes)} changed; people are told when the changes have settled."
