"""One piece of work on the database as it stands, with the keys of its addresses, beside a running server."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from notifier.db import Database
    from notifier.events.proof.facts import Asking

    Work = Callable[[Database, Asking], Awaitable[None]]


def ask(config: Path | None, work: "Work") -> None:
    """Open the database that the settings name, and do with it what is asked.

    Ends with 2 where the settings or what was asked for are wrong, with 1 without database or keys.
    """
    from notifier.cli.keys import signer_of  # noqa: PLC0415 - `--help` loads none of this
    from notifier.cli.opened import opened  # noqa: PLC0415
    from notifier.clock import SystemClock, machine_now  # noqa: PLC0415
    from notifier.events.proof.facts import Asking  # noqa: PLC0415
    from notifier.events.proof.finding import ProofError  # noqa: PLC0415
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415
    from notifier.sources.intake import intake_of  # noqa: PLC0415
    from notifier.subscriptions.model import InvalidAddress  # noqa: PLC0415

    async def run() -> None:
        async with opened(settings) as db:
            asking = Asking(
                signer=signer_of(settings),
                rules=intake_of(settings.times).rules,
                relay=settings.mail.host,
                now=SystemClock().now(),
                machine_now=machine_now(),
            )
            await work(db, asking)

    try:
        settings = load_settings(config, os.environ)
        asyncio.run(run())
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except (ProofError, InvalidAddress) as error:
        typer.echo(f"notifier: {error}", err=True)
        raise typer.Exit(2) from None


def address_key(address: str) -> str:
    """Return the form in which addresses are compared.

    Raises:
        InvalidAddress: it is none.
    """
    from notifier.subscriptions.lifecycle import normal_address  # noqa: PLC0415

    return normal_address(address).casefold()
