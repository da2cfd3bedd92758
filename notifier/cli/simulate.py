"""`notifier simulate`."""

import json
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.events.forecast import Forecast
    from notifier.events.voice import Voice
    from notifier.settings import Settings

USUALLY = timedelta(days=28)
"""How far one looks ahead who does not say how far."""


def simulate(
    begin: Annotated[
        str | None, typer.Option("--from", help="A day such as 2022-09-01, or an instant; by default now.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="The last day, or an instant; by default four weeks later.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """List what will be announced, when, and to how many people, as things stand now; change nothing."""
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from notifier.cli import simulate_text  # noqa: PLC0415
    from notifier.cli.voice import voice_of  # noqa: PLC0415
    from notifier.clock import SystemClock  # noqa: PLC0415
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        settings = load_settings(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    voice = voice_of(settings)
    first, last = _period(begin, end, voice, SystemClock().now())
    found = asyncio.run(_forecast(settings, voice, first, last))
    if as_json:
        document = simulate_text.as_json(found, start=first, end=last)
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        typer.echo(simulate_text.as_text(found, start=first, end=last, zone=voice.rules.zone.key))


def _period(begin: str | None, end: str | None, voice: "Voice", now: datetime) -> tuple[datetime, datetime]:
    from notifier.cli.instants import read_instant  # noqa: PLC0415

    rules, today = voice.rules, voice.rules.local_date(now)
    first = now if begin is None else read_instant(begin, rules, option="--from", today=today)
    last = first + USUALLY if end is None else read_instant(end, rules, option="--to", today=today, ends=True)
    if last <= first:
        swapped = f"; did you mean --from {end} --to {begin}?" if begin and end else ""
        raise typer.BadParameter(f"it ends before it begins{swapped}", param_hint="--to")
    return first, last


async def _forecast(
    settings: "Settings", voice: "Voice", start: datetime, end: datetime
) -> Sequence["Forecast"]:
    from notifier.cli.opened import opened  # noqa: PLC0415
    from notifier.events.forecast import forecast  # noqa: PLC0415

    async with opened(settings) as db, db.read() as conn:
        return await forecast(conn, voice, start=start, end=end)
