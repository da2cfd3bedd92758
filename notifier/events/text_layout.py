"""Plain text as columns of a letter: wrapped, and dates in two columns. Pure."""

import textwrap
from collections.abc import Sequence

from notifier.events.language import say
from notifier.events.words import DateRow

_LABEL_WIDTH = 22


def wrapped(text: str, width: int, indent: int = 0) -> str:
    """Wrap `text`; addresses and hyphenated words stay whole."""
    space = " " * indent
    return textwrap.fill(
        text,
        width,
        initial_indent=space,
        subsequent_indent=space,
        break_long_words=False,
        break_on_hyphens=False,
    )


def aligned(rows: Sequence[DateRow], width: int) -> str:
    """Return the dates as two columns; a label too long for its column has a line of its own."""
    column = max((len(row.label) for row in rows if len(row.label) <= _LABEL_WIDTH), default=0)
    lines = []
    for row in rows:
        value = row.value
        if row.before is not None:
            value = say("{dates} (was {before})", dates=value, before=row.before)
        hanging = " " * (2 + column + 3)
        first = f"  {row.label.ljust(column)}   "
        if len(row.label) > _LABEL_WIDTH:
            lines.append(wrapped(row.label, width, 2))
            first = hanging
        lines.append(
            textwrap.fill(
                value, width, initial_indent=first, subsequent_indent=hanging, break_long_words=False
            )
        )
    return "\n".join(lines)
