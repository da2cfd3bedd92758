"""`notifier healthcheck`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.settings import Settings

PATIENCE_SECONDS = 5.0
"""How long an answer may take; a container's own limit should be a little longer."""

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, not what we listen on


def healthcheck(
    ready: Annotated[
        bool, typer.Option("--ready", help="Ask whether it can serve, not only whether it lives.")
    ] = False,
    worker: Annotated[
        bool,
        typer.Option(
            "--worker", help="Ask the worker; without a port in [worker], ask the database about this host."
        ),
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Ask the server on this machine whether it lives: exit code 0 or 1. For containers."""
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415 - `--help` loads none of this

    try:
        settings = load_settings(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if worker and settings.worker.port == 0:
        status, words = _ask_database(settings)
    else:
        at = settings.worker if worker else settings.web
        status, words = _ask_port(at.host, at.port, "ready" if ready else "live")
    typer.echo(words, err=status != 200)
    raise typer.Exit(0 if status == 200 else 1)


def _ask_port(host: str, port: int, what: str) -> tuple[int, str]:
    if port == 0:
        return 0, 'notifier: with "port" 0 nobody knows where to ask; set a port'
    return ask(_EVERYWHERE.get(host, host), port, what)


def ask(host: str, port: int, what: str) -> tuple[int, str]:
    """Return status and words of the answer; status 0 where there was none. No proxy is asked."""
    import http.client  # noqa: PLC0415

    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_SECONDS)
    try:
        # By the one name that every server here answers to, whatever its address is.
        connection.request("GET", f"/health/{what}", headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read(1000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return 0, f"notifier: no answer from {host} port {port}: {str(error) or type(error).__name__}"
    finally:
        connection.close()


def _ask_database(settings: "Settings") -> tuple[int, str]:
    """Return the same of a worker that listens nowhere: whether a process of this host renews its lease."""
    import asyncio  # noqa: PLC0415
    import socket  # noqa: PLC0415

    if settings.database.url is None:
        return 0, 'notifier: a worker needs "url" in [database], and there is none'
    host = socket.gethostname()
    try:
        alive = asyncio.run(_alive(settings, host))
    except TimeoutError:
        return 0, f"notifier: the database did not answer within {PATIENCE_SECONDS:.0f} s"
    if not alive:
        return 0, f"notifier: no process of this machine ({host}) holds a lease to send"
    return 200, f"A process of this machine ({host}) holds a lease to send."


async def _alive(settings: "Settings", host: str) -> int:
    import asyncio  # noqa: PLC0415

    from notifier.cli.opened import opened  # noqa: PLC0415
    from notifier.clock import machine_now  # noqa: PLC0415
    from notifier.delivery import owners  # noqa: PLC0415

    async with asyncio.timeout(PATIENCE_SECONDS), opened(settings) as db, db.read() as conn:
        return await owners.alive(conn, machine_now=machine_now(), host=host)
