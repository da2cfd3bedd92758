"""`notifier copy-database`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.copying.copy import Compared
    from notifier.settings import Database as DatabaseSettings
    from notifier.settings import Settings


def copy_database(
    verify: Annotated[
        bool, typer.Option("--verify", help="Copy nothing; compare again, before PostgreSQL is served from.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Copy the SQLite file to the new PostgreSQL database that "url" in [database] names, and verify it.

    The service must be stopped. All of it is copied or nothing: whatever happens, begin again.
    """
    from notifier.cli import copy_text  # noqa: PLC0415 - `--help` loads none of this
    from notifier.copying.copy import DifferentError  # noqa: PLC0415

    at = _settings(config).database
    try:
        compared = _run(at, verify=verify)
        kept = ""
    except DifferentError as error:
        compared, kept = error.compared, "; nothing was kept of the copy, and nothing else was changed"
    copy_text.show(compared)
    different = [one for one in compared if not one.is_same]
    if different:
        typer.echo(copy_text.difference_words(different) + kept, err=True)
        raise typer.Exit(1)
    typer.echo(copy_text.sameness_words(compared, at, copied=not verify))


def _run(at: "DatabaseSettings", *, verify: bool) -> "Sequence[Compared]":
    """Copy or compare.

    Raises:
        typer.Exit: 1, where that cannot be done; a sentence was printed.
    """
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415

    from notifier.cli import copy_text  # noqa: PLC0415
    from notifier.clock import machine_now  # noqa: PLC0415
    from notifier.copying.copy import compare, copy_database  # noqa: PLC0415
    from notifier.copying.refusal import CopyError  # noqa: PLC0415
    from notifier.instance import InstanceError  # noqa: PLC0415

    try:
        with copy_text.progress("Comparing" if verify else "Copying") as told:
            if verify:
                return asyncio.run(compare(at, told=told))
            return asyncio.run(copy_database(at, machine_now=machine_now(), told=told))
    except (CopyError, InstanceError) as error:
        words = str(error)
    except (SQLAlchemyError, OSError) as error:
        said = _first_line(error.orig if isinstance(error, DBAPIError) else error)
        words = f"cannot go on: {said}{'' if verify else copy_text.doubt_words(at)}"
    typer.echo(f"notifier: {words}", err=True)
    raise typer.Exit(1)


def _first_line(error: BaseException | None) -> str:
    """Return what a database said; its further lines may repeat rows, and these hold addresses."""
    return str(error).partition("\n")[0]


def _settings(config: Path | None) -> "Settings":
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        return load_settings(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
