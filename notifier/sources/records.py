"""What reading a document with many procedures comes to: the procedures, and what could not be read."""

from dataclasses import dataclass

from notifier.procedures.model import Snapshot
from notifier.sources.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What was read, and what was not: a procedure with a problem is left out, and costs no other.

    What is left out has not vanished; nothing may be concluded from its absence while there are `problems`.
    """

    snapshots: tuple[Snapshot, ...] = ()
    problems: tuple[SourceError, ...] = ()


MOST_PROBLEMS = 1000
"""A document with more is another document than it was taken for; nobody mends them one by one."""


def add_problem(problems: list[SourceError], error: SourceError) -> None:
    """Note a problem; raise `SourceError` for the whole document once there are more than `MOST_PROBLEMS`."""
    problems.append(error)
    if len(problems) > MOST_PROBLEMS:
        expected = f"at most {MOST_PROBLEMS:,} mistakes in a document; the first: {problems[0]}"
        raise SourceError(file=error.file, line=None, found=None, expected=expected)


class RecordError(SourceError):
    """An error in a document without lines to point at.

    `place` is the path of the value, such as "procedures[3].milestones[0].date"; `reference` that of the
    procedure it belongs to, where one could be read.
    """

    def __init__(
        self,
        *,
        file: str,
        place: str,
        reference: str | None,
        found: str | None,
        expected: str,
        probably: str | None = None,
    ) -> None:
        self.place = place
        self.reference = reference
        super().__init__(file=file, line=None, found=found, expected=expected, probably=probably)

    def _sentence(self) -> str:
        where = f"{self.file}: {self.place}" + (f" ({self.reference})" if self.reference else "")
        return where + super()._sentence().removeprefix(self.file)


def shown(value: object) -> str:
    """Return a value of a parsed document as an error quotes it: short, whatever it is."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() if abs(value) >= 10**20:
            return "a long number"
        case _:
            return str(value)
