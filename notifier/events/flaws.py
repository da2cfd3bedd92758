"""What is wrong with a file of words that an operator has put beside the service."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing to put right, in a sentence; at `line` of its file, where that is known.

    `grave`: mails would be wrong or unlawful, and nothing is served before it is mended.
    """

    file: Path
    line: int | None = None
    what: str
    grave: bool = True

    def __str__(self) -> str:
        """Return it as one line, the place first, as compilers write it."""
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}"
