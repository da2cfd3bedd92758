"""What is said when a source cannot be read: where, what stands there, what was expected, what was meant."""

from notifier.procedures.date_words import DateError

_LONGEST_QUOTE = 80
"""Characters of the source that an error repeats."""


class SourceError(Exception):
    """A source that cannot be read whole, so that nothing of it is taken.

    `file` is the name the caller gave it; `line` counts from 1, None when no line is to blame. `found` is the
    text that stands there, None when something is missing. `expected` is a noun phrase: "a date: June has 30
    days". `probably` is a guess for a person to accept; nothing acts on it.
    """

    def __init__(
        self, *, file: str, line: int | None, found: str | None, expected: str, probably: str | None = None
    ) -> None:
        self.file = file
        self.line = line
        self.found = None if found is None else _quotable(found)
        self.expected = expected
        self.probably = probably
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        what = f"expected {self.expected}" if self.found is None else f'"{self.found}" is not {self.expected}'
        guess = f"; did you mean {self.probably}?" if self.probably else ""
        return f"{place}: {what}{guess}"


def undated(error: DateError, *, file: str, line: int) -> SourceError:
    """Say in which file and line a date was refused."""
    return SourceError(
        file=file, line=line, found=error.found, expected=f"a date: {error.reason}", probably=error.probably
    )


def _quotable(text: str) -> str:
    """Return `text` as one short line that a terminal can show."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[:1000]).split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1].rstrip() + "…"
