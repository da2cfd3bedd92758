"""`notifier serve`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notifier.cli import garbage

if TYPE_CHECKING:
    import asyncio

    from notifier.settings import ServingSettings


def serve(
    config: Annotated[
        Path | None, typer.Option(help="The settings; by default config/notifier.toml if it is there.")
    ] = None,
) -> None:
    """Watch the dates, publish and mail, until SIGTERM or Ctrl-C."""
    garbage.leave_for_later()
    from notifier.cli.running import run, settings_to_run  # noqa: PLC0415 - `--help` loads none of this

    settings = settings_to_run(config)
    if not settings.procedures.folder.is_dir():
        folder = settings.procedures.folder
        typer.echo(f'settings: "{folder}" in procedures.folder is no folder', err=True)
        raise typer.Exit(2)
    run(settings, lambda stop: _serve(settings, stop))


async def _serve(settings: "ServingSettings", stop: "asyncio.Event") -> None:
    from notifier.app import Notifier  # noqa: PLC0415
    from notifier.clock import SystemClock  # noqa: PLC0415

    garbage.search_seldom()
    await _demand_its_secret(settings)
    notifier = Notifier(settings, clock=SystemClock())
    await notifier.start()
    await notifier.run(stop)


async def _demand_its_secret(settings: "ServingSettings") -> None:
    from notifier.instance import demand_its_secret  # noqa: PLC0415
    from notifier.opening import database_of, is_made  # noqa: PLC0415

    if not is_made(settings.database):
        return
    db = database_of(settings.database)
    try:
        await demand_its_secret(db, settings.database.path)
    finally:
        await db.dispose()
