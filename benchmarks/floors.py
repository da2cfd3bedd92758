"""The gate: ratios measured side by side in one run, held against the floors of `floors.toml`.

Absolute figures say more about the machine than about the code; a ratio holds on a busy one too. So a floor
names a column with "÷" in its name, and no other.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.table import Row

FILE = Path(__file__).parent / "floors.toml"
RATIO = "÷"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What one figure must reach: `at_least`, or stay under: `at_most`. `row` is what its first column says.

    `measured`, `on` and `machine` are for whoever wonders where the floor comes from.
    """

    benchmark: str
    row: str
    column: str
    at_least: float | None
    at_most: float | None
    measured: float
    on: date
    machine: str

    @property
    def name(self) -> str:
        """What is measured, in words."""
        return f"{self.benchmark}: {self.row}, {self.column}"


def read_floors(path: Path) -> Sequence[Floor]:
    """Read the floors.

    Raises:
        ValueError: one cannot be used; the sentence says which and why.
    """
    return [_floor(one) for one in tomllib.loads(path.read_text(encoding="utf-8")).get("floor", [])]


def fallen(found: Mapping[str, Sequence[Row]], floors: Sequence[Floor]) -> Sequence[str]:
    """Return a sentence for each floor that was not held; what was not measured fell too."""
    return [sentence for floor in floors if (sentence := _fall(found, floor)) is not None]


def _floor(written: Mapping[str, Any]) -> Floor:
    place = ", ".join(str(written.get(key, "?")) for key in ("benchmark", "row", "column"))
    try:
        floor = Floor(**{"at_least": None, "at_most": None, **written})
    except TypeError as error:
        raise ValueError(f"the floor of {place} cannot be read: {error}") from error
    if (floor.at_least is None) == (floor.at_most is None):
        raise ValueError(f"the floor of {place} needs at_least or at_most, and only one of them")
    if RATIO not in floor.column:
        raise ValueError(f"the floor of {place} is no ratio: its column has no {RATIO}")
    return floor


def _fall(found: Mapping[str, Sequence[Row]], floor: Floor) -> str | None:
    value = _value(found.get(floor.benchmark, ()), floor)
    if value is None:
        return f"{floor.name}: not measured"
    if floor.at_least is not None and value < floor.at_least:
        return f"{floor.name}: {value:.3g}, at least {floor.at_least:.3g} (was {floor.measured:.3g})"
    if floor.at_most is not None and value > floor.at_most:
        return f"{floor.name}: {value:.3g}, at most {floor.at_most:.3g} (was {floor.measured:.3g})"
    return None


def _value(rows: Sequence[Row], floor: Floor) -> float | None:
    for row in rows:
        if str(next(iter(row.values()))) == floor.row:
            value = row.get(floor.column)
            return None if value is None or isinstance(value, str) else value
    return None
