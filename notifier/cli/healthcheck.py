"""`notifier healthcheck`."""

import os
from pathlib import Path
from typing import Annotated

import typer

PATIENCE_SECONDS = 5.0
"""How long an answer may take; a container's own limit should be a little longer."""

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, not what we listen on


def healthcheck(
    ready: Annotated[
        bool, typer.Option("--ready", help="Ask whether it can serve, not only whether it lives.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Ask the server on this machine whether it lives: exit code 0 or 1. For containers."""
    from notifier.settings import SettingsError, load_settings  # noqa: PLC0415 - `--help` loads none of this

    try:
        web = load_settings(config, os.environ).web
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if web.port == 0:
        typer.echo('notifier: with "port" 0 nobody knows where to ask; set a port', err=True)
        raise typer.Exit(1)
    status, words = ask(_EVERYWHERE.get(web.host, web.host), web.port, "ready" if ready else "live")
    typer.echo(words, err=status != 200)
    raise typer.Exit(0 if status == 200 else 1)


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
