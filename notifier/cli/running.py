"""What the commands have in common that run until somebody stops them."""

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from notifier.cli.logs import set_up_logs
from notifier.cli.stopping import run_until_stopped
from notifier.events.checking.check import mail_flaws
from notifier.instance import InstanceError
from notifier.opening import named
from notifier.settings import Database, ServingSettings, SettingsError, for_serving, load_settings


def settings_to_run(config: Path | None) -> ServingSettings:
    """Return settings with which mails can be made.

    Raises:
        typer.Exit: 2, where they are wrong, or mails would be; sentences were printed.
    """
    try:
        settings = for_serving(load_settings(config, os.environ))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    _refuse_broken_mails(settings)
    return settings


def run(settings: ServingSettings, work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run until SIGTERM or Ctrl-C, with a log.

    Raises:
        typer.Exit: 1, where it cannot start or go on; a sentence was printed.
    """
    set_up_logs()
    os.umask(0o077)  # the database holds addresses: it is its owner's alone
    try:
        run_until_stopped(work)
    except InstanceError as error:
        typer.echo(f"notifier: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"notifier: cannot start or go on: {error}", err=True)
        raise typer.Exit(1) from None
    except SQLAlchemyError as error:
        typer.echo(f"notifier: {_unusable(settings.database, error)}", err=True)
        raise typer.Exit(1) from None


def _refuse_broken_mails(settings: ServingSettings) -> None:
    """Refuse to start with templates or catalogues that would make mails wrong or unlawful."""
    found = [one for one in mail_flaws(settings.mail, settings.service) if one.grave]
    for one in found:
        typer.echo(str(one), err=True)
    if found:
        raise typer.Exit(2)


def _unusable(database: Database, error: SQLAlchemyError) -> str:
    """Say what the database answered; a full disk is often no more to SQLite than an "I/O error"."""
    reason = getattr(error, "orig", None) or type(error).__name__
    words = f"cannot use {named(database)}: {reason}"
    if database.url is not None:
        return words
    free = shutil.disk_usage(database.path.parent).free // 1_000_000
    return f"{words}; {free:,} MB are free on its disk"
