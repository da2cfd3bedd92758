"""Rows of figures: medians of several, printed. The first column names the row."""

from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

Value = float | int | str
Row = dict[str, Value]

NOT_MEASURED = ""
"""In the place of a figure whose other side is missing."""

WIDTH = 180
"""Columns of what is printed where there is no terminal."""


def show(title: str, rows: Sequence[Row]) -> None:
    """Print rows that share their columns."""
    table = Table(title=title)
    for column in rows[0]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    printed = Console()
    if not printed.is_terminal:
        printed.width = WIDTH
    printed.print(table)


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def share(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def medians(runs: Sequence[Sequence[Row]]) -> list[Row]:
    """Return the rows of several runs as one: of each figure its median, words as they are."""
    return [_median(same) for same in zip(*runs, strict=True)]


def _median(rows: Sequence[Row]) -> Row:
    return {column: _middle([row[column] for row in rows]) for column in rows[0]}


def _middle(values: Sequence[Value]) -> Value:
    figures = [value for value in values if not isinstance(value, str)]
    return median(figures) if len(figures) == len(values) else values[0]
