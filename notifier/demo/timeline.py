"""The demo's terminal: one timeline that grows, not a scroll of logs."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from notifier.events.model import Event
from notifier.events.wording import hour, plain_day

_COLOURS = {"confirmed": "green", "checked": "cyan", "scheduled": "yellow"}


class Timeline:
    """Shows what happened when, and who was mailed; on a terminal it is drawn in place."""

    def __init__(self, console: Console, *, title: str, zone: ZoneInfo) -> None:
        self._console = console
        self._zone = zone
        self._title = title
        self._rows: list[tuple[str, Text, str]] = []
        self._now = ""
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> "Timeline":
        """Begin to draw."""
        if self._live:
            self._live.start()
        else:
            self._console.print(self._title)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last picture standing."""
        if self._live:
            self._live.stop()

    def at(self, now: datetime) -> None:
        """Show the replayed instant."""
        self._now = self._moment(now)
        self._draw()

    def add(self, event: Event, names: Sequence[str]) -> None:
        """Add a line for an event, and who was mailed about it."""
        told = "feed" if not names else f"feed, mail to {' and '.join(names)}"
        colour = _COLOURS[event.basis.value]
        what = Text(event.payload.entry_title)
        self._rows.append((self._moment(event.recorded_at), what, told))
        if self._live:
            what.stylize(colour, 0, len(event.payload.entry_title.partition(":")[0]))
            self._draw()
        else:
            self._console.print(
                f"{self._rows[-1][0]:>24}  {what.plain}  [{told}]", markup=False, soft_wrap=True
            )

    def _moment(self, instant: datetime) -> str:
        local = instant.astimezone(self._zone)
        return f"{plain_day(local.date())} {hour(local.time())}"

    def _draw(self) -> None:
        if not self._live:
            return
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(style="bold", no_wrap=True)
        for row in self._rows:
            table.add_row(*row)
        clock = Text(f"{self._now:>24}", style="reverse")
        self._live.update(Group(Text(self._title), Rule(style="dim"), table, clock), refresh=True)
