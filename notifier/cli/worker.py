"""`notifier worker`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notifier.cli import garbage

if TYPE_CHECKING:
    import asyncio

    from notifier.settings import ServingSettings


def worker(
    config: Annotated[Path | None, typer.Option(help="The settings; those of `notifier serve`.")] = None,
) -> None:
    """Help `notifier serve` to send, from this or another machine, until SIGTERM. Needs PostgreSQL."""
    garbage.leave_for_later()
    from notifier.cli.running import run, settings_to_run  # noqa: PLC0415 - `--help` loads none of this

    settings = settings_to_run(config)
    run(settings, lambda stop: _help(settings, stop))


async def _help(settings: "ServingSettings", stop: "asyncio.Event") -> None:
    from notifier.clock import SystemClock  # noqa: PLC0415
    from notifier.worker import Worker  # noqa: PLC0415

    garbage.search_seldom()
    await Worker(settings, clock=SystemClock()).run(stop)
