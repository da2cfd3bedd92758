"""`notifier holds`, `notifier release` and `notifier adopt`: what an operator does about a held instance.

They work on the database beside a running server, which looks again at its next sweep.
"""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notifier.hold_kinds import HoldKind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from notifier.holds import Hold
    from notifier.settings import Settings

_UTC = "%d %B %Y %H:%M UTC"
_AT_ANY_TIME = datetime(9999, 1, 1, tzinfo=UTC)

Config = Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")]


def holds(config: Config = None) -> None:
    """Show why nothing is announced or sent, if that is so."""
    from notifier.clock import machine_now  # noqa: PLC0415 - `--help` loads none of this
    from notifier.holds import standing  # noqa: PLC0415

    async def show(conn: "AsyncConnection") -> str:
        from notifier.procedures.concerns import held_dates  # noqa: PLC0415

        dates = await held_dates(conn, _AT_ANY_TIME)
        lines = [
            f"{one.kind.value}: {one.sentence} Since {one.since:{_UTC}}{_end(one)}; {one.remedy}."
            for one in await standing(conn, machine_now=machine_now())
        ]
        if dates is not None:
            number = f"{dates.count} date is" if dates.count == 1 else f"{dates.count} dates are"
            lines.append(f"{number} held, alone or with the procedure: see `notifier procedure list`.")
        return "\n".join(lines) or "Nothing is held."

    typer.echo(_with_database(_settings(config), show))


def _end(one: "Hold") -> str:
    return "" if one.until is None else f", until {one.until:{_UTC}}"


def release(
    kind: Annotated[HoldKind, typer.Argument(help="Which hold to lift.")],
    told_until: Annotated[
        datetime | None,
        typer.Option(help="Treat everything up to this instant (UTC) as told; for `restored`."),
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Say all that is unsaid; for `restored`.")] = False,
    config: Config = None,
) -> None:
    """Lift a hold, so that dates are announced and mail is sent again; `brake` for the rest of the day."""
    if kind is HoldKind.ADDRESS:
        raise typer.BadParameter("a database at another address is taken over with `notifier adopt`")
    if kind is HoldKind.RESTORED and (told_until is None) is not send:
        raise typer.BadParameter("a restored database needs --told-until INSTANT or --send, one of them")
    settings = _settings(config)

    async def lift(conn: "AsyncConnection") -> str:
        from notifier import holds  # noqa: PLC0415
        from notifier.clock import SystemClock  # noqa: PLC0415
        from notifier.events.told import treat_as_told  # noqa: PLC0415

        if not await holds.lift(conn, kind):
            return f"There is no hold “{kind.value}”; nothing was changed."
        if kind is HoldKind.BRAKE:
            return await _let_the_day_go(conn, settings)
        if kind is HoldKind.PAUSE:
            return "Resumed: mail goes out again."
        if told_until is None:
            return "Released: what is due is announced at the next sweep."
        until = told_until.replace(tzinfo=UTC)
        count = await treat_as_told(conn, until, now=SystemClock().now())
        return f"Released: {count} dates, changes and mails up to {until:{_UTC}} count as told."

    typer.echo(_with_database(settings, lift))


async def _let_the_day_go(conn: "AsyncConnection", settings: "Settings") -> str:
    from notifier.clock import SystemClock  # noqa: PLC0415 - `--help` loads none of this
    from notifier.delivery.allowance import let_go  # noqa: PLC0415

    await let_go(conn, SystemClock().now().astimezone(settings.times.tz).date())
    return "Released: mail goes out for the rest of the day, however many it is."


def adopt(config: Config = None) -> None:
    """Let the database belong to the service at the configured public address."""
    from notifier.settings import SettingsError, for_serving  # noqa: PLC0415

    settings = _settings(config)
    try:
        url = for_serving(settings).service.public_url
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None

    async def take_over(conn: "AsyncConnection") -> str:
        from notifier.instance import adopt as adopt_instance  # noqa: PLC0415

        await adopt_instance(conn, url)
        return f"This database now belongs to {url}."

    typer.echo(_with_database(settings, take_over))


def _settings(config: Path | None) -> "Settings":
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        return load_settings(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _with_database(settings: "Settings", work: Callable[["AsyncConnection"], Awaitable[str]]) -> str:
    """Do one piece of work in one transaction on the database that the settings name."""
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from notifier.cli.opened import upgraded  # noqa: PLC0415
    from notifier.db import Rank  # noqa: PLC0415

    async def run() -> str:
        async with upgraded(settings) as db, db.write(Rank.WEB) as conn:
            return await work(conn)

    return asyncio.run(run())
