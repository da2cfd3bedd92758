"""`notifier sources`."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.cli.source_report import SourceReport
    from notifier.settings import Settings


def sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Show how each source fares: last reading, next asking, what it speaks for, and what is wrong."""
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from notifier.clock import SystemClock  # noqa: PLC0415
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        settings = load_settings(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    found = asyncio.run(_report(settings))
    if as_json:
        document = {"sources": [_as_json(one) for one in found]}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    now, zone = SystemClock().now(), settings.times.zone
    typer.echo("\n".join(line for one in found for line in _as_text(one, now, zone)))


async def _report(settings: "Settings") -> Sequence["SourceReport"]:
    from notifier.cli.opened import opened  # noqa: PLC0415
    from notifier.cli.source_report import report  # noqa: PLC0415

    async with opened(settings) as db, db.read() as conn:
        return await report(conn, settings)


def _as_json(one: "SourceReport") -> dict[str, object]:
    return {
        "name": one.name,
        "place": one.place or None,
        "configured": one.configured,
        "procedures": one.procedures,
        "read_at": _iso(one.read_at),
        "next_at": _iso(one.next_at),
        "failing_since": _iso(one.failing_since),
        "problem": one.problem,
    }


def _as_text(one: "SourceReport", now: datetime, zone: str) -> Iterator[str]:
    """Yield the lines about one source: what it is, then how it fares."""
    from notifier.events.titles import clean  # noqa: PLC0415
    from notifier.events.wording import count, moment  # noqa: PLC0415

    yield f"{one.name}: {one.place or 'not in the settings'}"
    read = f"Last read {_ago(one.read_at, now)}" if one.read_at else "Never read"
    asked = f", asked next {_ahead(one.next_at, now)}" if one.next_at else ""
    yield f"  {read}{asked}; speaks for {count(one.procedures, 'procedure')}."
    if one.failing_since is not None:
        yield f"  Could not be read since {moment(one.failing_since, zone)}: {clean(one.problem or '')}"
    elif one.problem:
        yield f"  {one.problem}"


def _ago(instant: datetime, now: datetime) -> str:
    from notifier.events.ages import age  # noqa: PLC0415

    return f"{age(now - instant)} ago"


def _ahead(instant: datetime, now: datetime) -> str:
    from notifier.events.ages import age  # noqa: PLC0415

    return f"in {age(instant - now)}" if instant > now else "as soon as the server runs"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
