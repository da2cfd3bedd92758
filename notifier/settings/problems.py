"""What is wrong with the settings, one sentence each, with its place and what was probably meant."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to put right. It never holds a secret."""

    where: str
    """The file as its path was given, "environment", "secret file PATH", or "settings" where no place is
    to blame."""
    line: int | None = None
    """The line in the file, from 1."""
    what: str
    suggestion: str | None = None
    """What was probably meant, spelt as it should stand in that place."""

    def __str__(self) -> str:
        """Return it as one line, the place first, as compilers write it."""
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        meant = "" if self.suggestion is None else f'; did you mean "{self.suggestion}"?'
        return f"{place}: {self.what}{meant}"


class SettingsError(Exception):
    """The settings cannot be used; `problems` are all that is wrong with them, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
