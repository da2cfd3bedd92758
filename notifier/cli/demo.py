"""`notifier demo`."""

from typing import Annotated

import typer


def demo(
    start: Annotated[str, typer.Option("--from", help="First day of the replay (ISO date).")] = "2022-09-01",
    end: Annotated[str, typer.Option("--to", help="Last day of the replay (ISO date).")] = "2023-04-01",
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the replay instead of staying up.")
    ] = False,
    port: Annotated[
        int, typer.Option(help="Port of the web pages; 0 takes a free one.", min=0, max=65535)
    ] = 8080,
) -> None:
    """Replay NICE's published schedule for IP1783 in about a minute. Nothing leaves this machine."""
    from rich.console import Console  # noqa: PLC0415 - `--help` loads none of this

    from notifier.cli.logs import quiet_logs  # noqa: PLC0415
    from notifier.cli.stopping import run_until_stopped  # noqa: PLC0415
    from notifier.demo.run import Options, PortInUseError, instant_of, run_demo  # noqa: PLC0415

    quiet_logs()
    console = Console()
    try:
        options = Options(start=instant_of(start), end=instant_of(end), port=port, leave=leave)
    except ValueError:
        raise typer.BadParameter("--from and --to take a date such as 2022-09-01") from None
    if options.end <= options.start:
        raise typer.BadParameter("--to must be after --from")
    try:
        result = run_until_stopped(lambda stop: run_demo(options, console, stop))
    except PortInUseError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None
    raise typer.Exit(0 if result.kept else 1)
