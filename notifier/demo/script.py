"""What the demo's coordinator does meanwhile: an invented procedure whose dates move.

IP1783 kept all its dates, so it cannot show what a reader needs most: being told that a date changed. Each
step rewrites a file in the watched folder, exactly as an operator would.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "invented.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """At `at`, the coordinator saves the file with this status and these rows of the schedule."""

    at: datetime
    status: str
    rows: tuple[tuple[str, str, str], ...]
    """(label, date as the body writes it, state)."""

    def write(self, folder: Path) -> None:
        """Save the file."""
        (folder / FILE).write_text(self.as_toml(), encoding="utf-8")

    def as_toml(self) -> str:
        """Return the file's text."""
        rows = "".join(
            f'\n[[milestones]]\nlabel = "{label}"\ndate = "{date}"\nstate = "{state}"\n'
            for label, date, state in self.rows
        )
        return f'{_HEAD}status = "{self.status}"\n{rows}'


_HEAD = """\
reference = "GID-IPG99999"
title = "An invented procedure, to show how dates move"
process = "IP"
id_number = "9999"
technology_type = "Procedure"
description = "Invented for this demo: no such procedure exists."
"""

_CONSULTATION = "Interventional procedure consultation"
_PUBLICATION = "Expected publication"
_TO_COME, _SEEN = "planned", "reached"


def _step(at: str, status: str, consultation: str, seen: str, publication: str) -> Step:
    return Step(
        at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        status=status,
        rows=((_CONSULTATION, consultation, seen), (_PUBLICATION, publication, _TO_COME)),
    )


STEPS = (
    _step("2022-08-01T09:00", "In progress", "3 October 2022 - 31 October 2022", _TO_COME, "TBC"),
    _step("2022-09-20T10:00", "In progress", "24 October 2022 - 18 November 2022", _TO_COME, "TBC"),
    _step("2022-10-24T07:30", "In progress", "24 October 2022 - 18 November 2022", _SEEN, "TBC"),
    _step("2022-11-09T11:00", "In progress", "24 October 2022 - 2 December 2022", _SEEN, "TBC"),
    _step("2022-12-15T12:00", "Suspended", "24 October 2022 - 2 December 2022", _SEEN, "TBC"),
    _step("2023-02-01T10:00", "In progress", "24 October 2022 - 2 December 2022", _SEEN, "22 February 2023"),
    _step("2023-02-22T12:00", "Complete", "24 October 2022 - 2 December 2022", _SEEN, "22 February 2023"),
)
"""The first step is what the folder holds before the replay begins."""


def step_at(instant: datetime) -> Step:
    """Return what the folder holds at `instant`: the last step before it."""
    return next((step for step in reversed(STEPS) if step.at <= instant), STEPS[0])
