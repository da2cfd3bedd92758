"""`notifier migrate`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.settings import Settings


def migrate(
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Bring the database to this version's schema, as `notifier serve` does at its start."""
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from notifier.opening import named  # noqa: PLC0415
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        settings = load_settings(config, os.environ)
        changed = asyncio.run(_migrate(settings))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        typer.echo(f"notifier: cannot use {named(settings.database)}: {reason}", err=True)
        raise typer.Exit(1) from None
    typer.echo("The schema is new, or was brought up to date." if changed else "The schema is current.")


async def _migrate(settings: "Settings") -> bool:
    from notifier import schema  # noqa: PLC0415
    from notifier.opening import database_of  # noqa: PLC0415

    os.umask(0o077)  # the database will hold addresses: it is its owner's alone
    if settings.database.url is None:
        settings.database.path.parent.mkdir(parents=True, exist_ok=True)
    db = database_of(settings.database)
    try:
        return await schema.upgrade(db)
    finally:
        await db.dispose()
