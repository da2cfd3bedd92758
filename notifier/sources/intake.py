"""How readings are taken in: by which calendar, how patiently, and from whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifier.procedures.due import Rules
from notifier.procedures.revise import Change
from notifier.settings import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """By which calendar readings are taken in, and how long a change settles before it is told."""

    rules: Rules
    settle: timedelta


def intake_of(times: Times) -> Intake:
    """Return the calendar, the hours and the patience that the settings ask for."""
    rules = Rules(
        zone=times.tz,
        announce_at=times.announce_at,
        closes_at=times.closes_at,
        holidays=times.public_holidays,
    )
    return Intake(rules=rules, settle=timedelta(minutes=times.settle_minutes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who says what is taken in.

    `key` is the source that is noted as read; its first load is silent. `actor` stands in the revisions.
    `by_body`: in the words of the body's own page or record, and `page_read_at` is when that was read; None
    where an operator typed the schedule, or nobody says when the page was read.
    `watched` sources speak for their procedures from then on, and `living` are the keys of all that are
    watched now: two of them must not speak for one procedure. What was `fetched` must be seen twice.
    """

    key: str
    actor: str
    by_body: bool = False
    page_read_at: datetime | None = None
    watched: bool = False
    fetched: bool = False
    living: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one reading changed. `is_new`: it was never seen before. `wholly_past`: nothing is to come.

    `is_older`: what is stored is newer, so nothing of it was taken.
    """

    procedure_id: int
    reference: str
    is_new: bool = False
    wholly_past: bool = False
    is_older: bool = False
    changes: tuple[Change, ...] = ()
