"""Doing one piece of work for the coordinator, in one short process beside a running server."""

import getpass
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from notifier.db import Database
    from notifier.events.hand import Done
    from notifier.events.voice import Voice
    from notifier.procedures.hand import Hand
    from notifier.settings import ServingSettings

    Work = Callable[[Database, Voice, datetime], Awaitable[str]]
    Act = Callable[[Database, Voice, Hand], Awaitable[Done]]


def run_act(config: Path | None, act: "Act", *, by: str | None, reason: str) -> None:
    """Do one act and print the sentence that it comes to; see `run`."""

    async def work(db: "Database", voice: "Voice", now: datetime) -> str:
        from notifier.procedures.hand import hand  # noqa: PLC0415 - `--help` loads none of this

        return (await act(db, voice, hand(name_of(by), reason, now))).sentence

    run(config, work)


def run(config: Path | None, work: "Work") -> None:
    """Do one piece of work on the database that the settings name, and print what it returns.

    Ends with 2 where the settings or what was asked for are wrong, with 1 where there is no database.
    """
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from notifier.procedures.hand import HandError  # noqa: PLC0415
    from notifier.settings import SettingsError, for_serving, load_settings  # noqa: PLC0415

    try:
        settings = for_serving(load_settings(config, os.environ))
        typer.echo(asyncio.run(_with_database(settings, work)))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except HandError as error:
        typer.echo(f"notifier: {error}", err=True)
        raise typer.Exit(2) from None


async def _with_database(settings: "ServingSettings", work: "Work") -> str:
    from notifier.cli.opened import upgraded  # noqa: PLC0415
    from notifier.clock import SystemClock  # noqa: PLC0415
    from notifier.events.voice import voice_of  # noqa: PLC0415

    async with upgraded(settings) as db:
        return await work(db, voice_of(settings, settings.service), SystemClock().now())


def name_of(by: str | None) -> str:
    """Return who acts: as they say, or as they logged in.

    Raises:
        HandError: nobody is logged in, as in a container.
    """
    from notifier.procedures.hand import HandError  # noqa: PLC0415

    try:
        return getpass.getuser() if by is None else by
    except (OSError, KeyError):
        raise HandError("nobody is logged in here: say who you are with --by") from None
