"""The town and the plain model of the promises, driven together; whoever plays decides what happens."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from notifier.events.interest import Preset
from notifier.procedures.model import Dates, Milestone, MilestoneKind, Snapshot, Status
from notifier.subscriptions.model import Rhythm
from tests.cast import in_status, snapshot
from tests.events.words_cast import between, on
from tests.journeys.machine_town import CONNECTIONS, UNCOMMITTED, Town
from tests.journeys.promise_calendar import CONSULTATION, MEETING, PUBLICATION, Days, local
from tests.journeys.promise_model import Promises
from tests.journeys.promise_records import Fact, Following

BEGIN = datetime(2022, 9, 20, 9, 30, tzinfo=UTC)  # its consultations see the clocks change and Christmas
KINDS = {
    MEETING: MilestoneKind.MEETING,
    CONSULTATION: MilestoneKind.CONSULTATION,
    PUBLICATION: MilestoneKind.PUBLICATION,
}

Wish = int | str | None
"""What somebody wants to follow: a procedure by its number, a process by its name, or everything."""


class Play:
    """The town and the promises, side by side: what happens to one happens to the other."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.town = Town(path, BEGIN)
        self.promises = Promises()
        self.snapshots: dict[int, Snapshot] = {}
        self.runner.run(self.town.start())
        self._know("known")

    @property
    def now(self) -> datetime:
        """Calendar now, of both."""
        return self.town.instant

    def ask(self, person: str, topic: Wish, preset: Preset, rhythm: Rhythm) -> None:
        """Somebody asks to follow a procedure (if it is known), a process or everything."""
        about = self.snapshots.get(topic) if isinstance(topic, int) else topic
        if topic is not None and about is None:
            return
        named = about.reference if isinstance(about, Snapshot) else about and f"process:{about}"
        self.runner.run(self.town.ask(person, about, preset, rhythm))
        self.promises.ask(person, named, preset, self.now, rhythm)

    def confirm_all(self, person: str) -> None:
        """Somebody confirms all they asked for."""
        for one in self.asked():
            if one.person == person:
                self.confirm(one)

    def change(self, one: Following, rhythm: Rhythm) -> None:
        """Somebody chooses another rhythm for one thing they follow."""
        self.runner.run(self.town.change(one.person, self._wish(one), rhythm))
        self.promises.change(one, rhythm)
        self.look()

    def following(self) -> list[Following]:
        """Return what is followed now, in an order that does not depend on chance."""
        return [one for one in self.promises.followings if one.state == "active"]

    def stop_last(self, person: str) -> None:
        """Somebody presses "Stop" in the last alert they got."""
        self.promises.stop(person, self.runner.run(self.town.stop(person)))

    def live(self, span: timedelta) -> None:
        """Time passes with the service up."""
        start = self.now
        self.runner.run(self.town.live(start + span))
        self.promises.live(start, start + span)
        self.keep_house()

    def lie_down(self, span: timedelta) -> None:
        """Time passes with the service down."""
        self.runner.run(self.town.kill())
        self.town.instant += span
        self.runner.run(self.town.start())
        self.look()
        self.keep_house()

    def confirm(self, one: Following) -> None:
        """Somebody confirms one thing they asked for."""
        assert self.runner.run(self.town.confirm(one.person, self._wish(one)))
        one.state = "active"

    def _wish(self, one: Following) -> Snapshot | str | None:
        if one.topic is not None and one.topic.startswith("process:"):
            return one.topic.removeprefix("process:")
        return next((found for found in self.snapshots.values() if found.reference == one.topic), None)

    def look(self) -> None:
        self.runner.run(self.town.look())
        self.promises.look(self.now)
        self.nothing_missing_nothing_doubled()

    def keep_house(self) -> None:
        self.runner.run(self.town.keep_house())
        self.promises.keep_house(self.now)
        self.nothing_missing_nothing_doubled()

    def read(self, number: int, status: Status, steps: dict[str, object], *, silent: bool = False) -> None:
        found = in_status(self._changed(number, steps), status)
        source = f"own {number}" if silent else "known"
        self.take(number, found, source=source, silent=silent)

    def take(self, number: int, found: Snapshot, *, source: str = "known", silent: bool = False) -> None:
        self.snapshots[number] = found
        self.runner.run(self.town.read(found, source=source))
        days = {one.key: _days(one.dates) for one in found.milestones}
        status = found.facts.status or Status.UNKNOWN
        self.promises.read(found.reference, status, days, silent=silent, now=self.now)
        self.look()

    def _know(self, source: str) -> None:
        """Let a source be loaded before, by something that never speaks."""
        empty = in_status(snapshot(number=99, process="IP"), Status.DISCONTINUED)
        self.runner.run(self.town.read(empty, source=source))
        self.promises.read(empty.reference, Status.DISCONTINUED, {}, silent=True, now=self.now)

    def _changed(self, number: int, steps: dict[str, object]) -> Snapshot:
        before = self.snapshots.get(number)
        rows = {one.key: one for one in before.milestones} if before else {}
        for step, where in steps.items():
            rows.pop(step, None)
            if where != "absent":
                rows[step] = self._milestone(step, where)
        return snapshot(*rows.values(), number=number, process="IP" if number % 2 else "MT")

    def _milestone(self, step: str, where: object) -> Milestone:
        today = local(self.now).date()
        match where:
            case (int(first), int(length)):
                start = today + timedelta(days=first)
                dates = between(start, start + timedelta(days=length))
            case int(first):
                day = today + timedelta(days=first)
                dates = on(day.year, day.month, day.day)
            case _:
                dates = Dates(as_written="TBC")
        return Milestone(key=step, label=step, kind=KINDS[step], dates=dates)

    def status(self, number: int) -> Status:
        return self.promises.listed[self.snapshots[number].reference].status

    def asked(self) -> list[Following]:
        return [one for one in self.promises.followings if one.state == "asked"]

    def nothing_missing_nothing_doubled(self) -> None:
        facts = self.runner.run(self.town.facts())
        mails = {one.message_id: one for one in reversed(self.town.far_end.taken)}
        told = Counter(
            (one.recipient, fact, one.at) for one in mails.values() for fact in facts.get(one.delivery_id, ())
        )
        promised = Counter(self.promises.told)
        assert told - promised == Counter(), f"told, and not promised: {_some(told - promised)}"
        assert promised - told == Counter(), f"promised, and not told: {_some(promised - told)}"
        doubled = len(self.town.far_end.taken) - len(mails)
        assert doubled <= self.town.kills * (UNCOMMITTED + CONNECTIONS)

    def end(self) -> None:
        """End both."""
        self.runner.run(self.town.close())
        self.runner.close()


def _some(left: Counter[tuple[str, Fact, datetime]]) -> str:
    """Say what is left over, without filling the screen."""
    return "; ".join(f"{who} {fact} at {at:%d %b %Y %H:%M}" for who, fact, at in sorted(left, key=str)[:5])


def _days(dates: Dates) -> Days:
    return None if dates.start is None else (dates.start, dates.end or dates.start)
