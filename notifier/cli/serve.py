"""`notifier serve`."""

import gc
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import asyncio

    from sqlalchemy.exc import SQLAlchemyError

    from notifier.settings import Database as DatabaseSettings
    from notifier.settings import ServingSettings


def serve(
    config: Annotated[
        Path | None, typer.Option(help="The settings; by default config/notifier.toml if it is there.")
    ] = None,
) -> None:
    """Watch the dates, publish and mail, until SIGTERM or Ctrl-C."""
    # Loading makes half a million objects and next to no garbage: looking for it takes a fifth of the start.
    gc.disable()
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - `--help` loads none of this

    from notifier.cli.logs import set_up_logs  # noqa: PLC0415
    from notifier.cli.stopping import run_until_stopped  # noqa: PLC0415
    from notifier.instance import InstanceError  # noqa: PLC0415
    from notifier.settings import SettingsError, for_serving, load_settings  # noqa: PLC0415

    try:
        settings = for_serving(load_settings(config, os.environ))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if not settings.procedures.folder.is_dir():
        folder = settings.procedures.folder
        typer.echo(f'settings: "{folder}" in procedures.folder is no folder', err=True)
        raise typer.Exit(2)
    _refuse_broken_mails(settings)
    set_up_logs()
    os.umask(0o077)  # the database holds addresses: it is its owner's alone
    try:
        run_until_stopped(lambda stop: _serve(settings, stop))
    except InstanceError as error:
        typer.echo(f"notifier: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"notifier: cannot start or go on: {error}", err=True)
        raise typer.Exit(1) from None
    except SQLAlchemyError as error:
        typer.echo(f"notifier: {_unusable(settings.database, error)}", err=True)
        raise typer.Exit(1) from None


def _refuse_broken_mails(settings: "ServingSettings") -> None:
    """Refuse to start with templates or catalogues that would make mails wrong or unlawful."""
    from notifier.events.checking.check import mail_flaws  # noqa: PLC0415 - `--help` loads none of this

    found = [one for one in mail_flaws(settings.mail, settings.service) if one.grave]
    for one in found:
        typer.echo(str(one), err=True)
    if found:
        raise typer.Exit(2)


def _unusable(database: "DatabaseSettings", error: "SQLAlchemyError") -> str:
    """Say what the database answered; a full disk is often no more to SQLite than an "I/O error"."""
    from notifier.opening import named  # noqa: PLC0415 - `--help` loads none of this

    reason = getattr(error, "orig", None) or type(error).__name__
    words = f"cannot use {named(database)}: {reason}"
    if database.url is not None:
        return words
    free = shutil.disk_usage(database.path.parent).free // 1_000_000
    return f"{words}; {free:,} MB are free on its disk"


async def _serve(settings: "ServingSettings", stop: "asyncio.Event") -> None:
    from notifier.app import Notifier  # noqa: PLC0415
    from notifier.clock import SystemClock  # noqa: PLC0415

    gc.enable()
    gc.freeze()  # what is loaded stays: later searches pass it over
    notifier = Notifier(settings, clock=SystemClock())
    await notifier.start()
    await notifier.run(stop)
