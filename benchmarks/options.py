"""What is asked of a run of the benchmarks."""

import os
from dataclasses import dataclass
from pathlib import Path


class Missing(Exception):  # noqa: N818 - it names what happened, not a class of bugs
    """What a benchmark needs is not there; the sentence says what it is and how to get it."""


def cache() -> Path:
    """Return the folder in which what others wrote is kept between runs: never part of this project."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "notifier-benchmarks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much to measure: `runs` of everything, of which the medians are shown.

    `mails` of one run of sending, `people` told at one instant, `dates` announced one after the other.
    `saved` is a list of projects to import beside the invented ones.
    """

    runs: int = 3
    mails: int = 100_000
    people: int = 100_000
    dates: int = 100
    saved: Path | None = None
