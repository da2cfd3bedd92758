"""What the plain model of the promises keeps in mind: who follows what; what was read, said and posted."""

from dataclasses import dataclass, field
from datetime import date, datetime

from notifier.events.interest import Preset
from notifier.procedures.model import Status
from notifier.subscriptions.model import Rhythm
from tests.journeys.promise_calendar import Days, Moment

Fact = tuple[object, ...]
"""Something that a person is told: of which procedure, what, and the dates that belong to it."""

_DEADLINES = [
    "opened",
    "closing_soon",
    "expected",
    "not_yet",
    "dates",
    "reopened",
    "suspended",
    "restarted",
    "discontinued",
    "published",
]
_OPENINGS = ["opened", "reopened"]


def topics_about(procedure: str) -> tuple[str | None, ...]:
    """Return what a following of this procedure may name: everything, its process, itself.

    In this town procedures with an odd number are of the process "ip", the others of "mt".
    """
    odd = int(procedure.removeprefix("GID-IPG")) % 2
    return None, f"process:{'ip' if odd else 'mt'}", procedure


@dataclass
class Following:
    """One person's wish, from asking to stopping. `topic` is a procedure, a process, or None: everything."""

    person: str
    topic: str | None
    preset: Preset
    asked_at: datetime
    rhythm: Rhythm = Rhythm.AT_ONCE
    state: str = "asked"

    def wants(self, procedure: str, kind: str, *, minor: bool) -> bool:
        """Whether this is among what they chose (the three presets)."""
        if self.state != "active" or self.topic not in topics_about(procedure):
            return False
        if self.preset is Preset.EVERY_STEP:
            return True
        if self.preset is Preset.OPENINGS:
            return kind in _OPENINGS
        return kind in _DEADLINES and not minor


@dataclass
class Settling:
    """What changes: as it was before anybody was told, when that was first seen, and until when it waits."""

    before: Days | Status
    seen: datetime
    until: datetime


@dataclass
class Alert:
    """What was said of a date that had come, and when."""

    fact: Fact
    told_at: datetime


@dataclass
class Listed:
    """One procedure as it was last read."""

    status: Status
    days: dict[str, Days] = field(default_factory=dict)
    to_come: dict[Moment, datetime] = field(default_factory=dict)
    dropped: set[Moment] = field(default_factory=set)
    """What was to come until a change took it away."""
    spoken: set[Moment] = field(default_factory=set)
    opening_told: dict[date, datetime] = field(default_factory=dict)
    alerts: dict[tuple[str, date], Alert] = field(default_factory=dict)
    """By step and day: what nobody has taken back yet."""
    settling: dict[str, Settling] = field(default_factory=dict)
    over_since: datetime | None = None
    published: bool = False


@dataclass
class Told:
    """One fact on its way, from `mail_from` on, to whoever of `followings` is still there, in their rhythm.

    `corrected` is told in its place to those of `misled` who still follow it, whatever kinds they chose.
    """

    fact: Fact
    mail_from: datetime
    followings: list[Following]
    occurred: datetime
    useful_until: datetime | None = None
    corrected: Fact | None = None
    misled: frozenset[str] = frozenset()

    def rhythm(self, person: str) -> Rhythm:
        """Return how soon somebody is told: the fastest of what they still follow; reminders at once."""
        mine = [one.rhythm for one in self.followings if one.person == person and one.state == "active"]
        return Rhythm.AT_ONCE if self.fact[1] == "closing_soon" else min(mine)


@dataclass
class Gathered:
    """What waits for somebody's next digest."""

    person: str
    rhythm: Rhythm
    mail: Told
