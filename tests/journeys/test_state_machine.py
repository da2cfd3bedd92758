"""Whatever happens, in whatever order, everybody is told what they were promised, and told it once.

Hypothesis makes up procedures, dates, statuses, followers, downtime and kills. The real use cases run on a
real SQLite file; a plain model of the promises (`promise_model.py`) says who must have been told what, when.
"""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from notifier.delivery import recording
from notifier.events.interest import Preset
from notifier.procedures.model import Dates, Milestone, MilestoneKind, Snapshot, Status
from tests.cast import in_status, snapshot
from tests.events.words_cast import between, on
from tests.journeys.machine_town import CONNECTIONS, UNCOMMITTED, Town
from tests.journeys.promise_calendar import CONSULTATION, MEETING, PUBLICATION, STEPS, Days, local
from tests.journeys.promise_model import Promises
from tests.journeys.promise_records import Following

BEGIN = datetime(2022, 9, 20, 9, 30, tzinfo=UTC)  # its consultations see the clocks change and Christmas
NUMBERS = (1, 2, 3)
PEOPLE = ("ada@example.org", "ben@example.org", "cora@example.org")
STATUSES = (Status.IN_PROGRESS, Status.PROPOSED, Status.SUSPENDED, Status.COMPLETE, Status.DISCONTINUED)
KINDS = {
    MEETING: MilestoneKind.MEETING,
    CONSULTATION: MilestoneKind.CONSULTATION,
    PUBLICATION: MilestoneKind.PUBLICATION,
}

numbers = st.sampled_from(NUMBERS)
people = st.sampled_from(PEOPLE)
presets = st.sampled_from(Preset)
topics = st.none() | numbers
spans = st.sampled_from(
    [timedelta(minutes=20), timedelta(hours=5), timedelta(days=1, hours=3), timedelta(days=31)]
) | st.builds(lambda days, hours: timedelta(days=days, hours=hours), st.integers(0, 20), st.integers(1, 23))
offsets = st.sampled_from([0, 1]) | st.integers(-12, 30)
lengths = st.integers(0, 30)
ranges = st.sampled_from([(-5, 13), (1, 9)]) | st.tuples(offsets, lengths)
unset = st.sampled_from(["unset", "absent"])
waits = st.sampled_from(
    [timedelta(minutes=5), timedelta(hours=14, minutes=45), timedelta(days=13, hours=23, minutes=45)]
)


class Machine(RuleBasedStateMachine):
    """The town and the promises, side by side."""

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
        return self.town.instant

    @rule(
        number=numbers,
        status=st.sampled_from(STATUSES) | st.just(Status.IN_PROGRESS),
        silent=st.booleans(),
        steps=st.tuples(offsets | unset, ranges | unset, offsets | unset),
    )
    def first_reading(self, number: int, status: Status, silent: bool, steps: tuple[object, ...]) -> None:
        if number not in self.snapshots:
            self._read(number, status, dict(zip(STEPS, steps, strict=True)), silent=silent)

    @precondition(lambda self: self.snapshots)
    @rule(number=numbers, step=st.sampled_from(STEPS), day=offsets | unset, days=ranges)
    def dates_change(self, number: int, step: str, day: int | str, days: tuple[int, int]) -> None:
        if number in self.snapshots:
            where = days if step == CONSULTATION and isinstance(day, int) else day
            self._read(number, self._status(number), {step: where})

    @precondition(lambda self: self.promises.next_step() is not None)
    @rule(later=st.integers(1, 9), span=st.sampled_from([5, 25, 45]))
    def a_date_moves_away_and_back_about_its_hour(self, later: int, span: int) -> None:
        """It moves ten minutes before it is due, and comes back before its hour, late, or too late."""
        coming = self.promises.next_step()
        assert coming is not None
        instant, reference, step = coming
        if instant - timedelta(minutes=10) > self.now:
            self.time_passes(instant - timedelta(minutes=10) - self.now)
        number = next(n for n, found in self.snapshots.items() if found.reference == reference)
        before = self.snapshots[number]
        where = (later, 9) if step == CONSULTATION else later
        self._read(number, self._status(number), {step: where})
        self.time_passes(timedelta(minutes=span))
        self._take(number, before)

    @precondition(lambda self: self.promises.next_step() is not None)
    @rule(later=st.integers(0, 9) | unset, wait=waits)
    def a_date_moves_on_after_it_was_told(self, later: int | str, wait: timedelta) -> None:
        """What was said of it is taken back, if it was said lately and the new day lies ahead."""
        coming = self.promises.next_step()
        assert coming is not None
        instant, reference, step = coming
        self.time_passes(max(instant - self.now, timedelta(0)) + wait)
        number = next(n for n, found in self.snapshots.items() if found.reference == reference)
        where = (later, 9) if step == CONSULTATION and isinstance(later, int) else later
        self._read(number, self._status(number), {step: where})

    @precondition(lambda self: self.snapshots)
    @rule(number=numbers, days=st.integers(-3, 20))
    def a_consultation_ends_on_another_day(self, number: int, days: int) -> None:
        found = (
            self.promises.listed.get(self.snapshots[number].reference) if number in self.snapshots else None
        )
        dates = found.days.get(CONSULTATION) if found else None
        if dates is not None:
            length = max(0, (dates[1] - dates[0]).days + days)
            where = ((dates[0] - local(self.now).date()).days, length)
            self._read(number, self._status(number), {CONSULTATION: where})

    @precondition(lambda self: self.snapshots)
    @rule(number=numbers, status=st.sampled_from(STATUSES) | st.just(Status.IN_PROGRESS))
    def status_changes(self, number: int, status: Status) -> None:
        if number in self.snapshots:
            self._read(number, status, {})

    @rule(person=people, topic=topics, preset=presets)
    def ask(self, person: str, topic: int | None, preset: Preset) -> None:
        about = self._about(topic)
        if topic is None or about is not None:
            self.runner.run(self.town.ask(person, about, preset))
            self.promises.ask(person, None if about is None else about.reference, preset, self.now)
            self._look()

    @precondition(lambda self: self._asked())
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        self._confirm(data.draw(st.sampled_from(self._asked())))

    @rule(person=people, topic=topics, preset=presets)
    def ask_and_confirm(self, person: str, topic: int | None, preset: Preset) -> None:
        self.ask(person, topic, preset)
        for one in self._asked():
            if one.person == person:
                self._confirm(one)

    @precondition(lambda self: self.promises.told)
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted({person for person, _, _ in self.promises.told})))
        self.promises.stop(person, self.runner.run(self.town.stop(person)))

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        start = self.now
        self.runner.run(self.town.live(start + span))
        self.promises.live(start, start + span)
        self._keep_house()

    @rule(span=spans)
    def down(self, span: timedelta) -> None:
        self.runner.run(self.town.kill())
        self.town.instant += span
        self.runner.run(self.town.start())
        self._look()
        self._keep_house()

    @rule(span=spans, hangs=st.sampled_from(["before", "after"]))
    def killed_while_sending(self, span: timedelta, hangs: str) -> None:
        """The server takes letters, or none, and answers no more; the process dies and is back at once."""
        start = self.now
        self.town.far_end.hangs = hangs
        self.runner.run(self.town.live(start + span))
        self.runner.run(self.town.kill())
        self.runner.run(self.town.start())
        self.promises.live(start, self.now)
        self._keep_house()

    def _confirm(self, one: Following) -> None:
        about = next((found for found in self.snapshots.values() if found.reference == one.topic), None)
        assert self.runner.run(self.town.confirm(one.person, about))
        one.state = "active"

    def _look(self) -> None:
        self.runner.run(self.town.look())
        self.promises.look(self.now)
        self._nothing_missing_nothing_doubled()

    def _keep_house(self) -> None:
        self.runner.run(self.town.keep_house())
        self.promises.keep_house(self.now)
        self._nothing_missing_nothing_doubled()

    def _read(self, number: int, status: Status, steps: dict[str, object], *, silent: bool = False) -> None:
        found = in_status(self._changed(number, steps), status)
        source = f"own {number}" if silent else "known"
        self._take(number, found, source=source, silent=silent)

    def _take(self, number: int, found: Snapshot, *, source: str = "known", silent: bool = False) -> None:
        self.snapshots[number] = found
        self.runner.run(self.town.read(found, source=source))
        days = {one.key: _days(one.dates) for one in found.milestones}
        status = found.facts.status or Status.UNKNOWN
        self.promises.read(found.reference, status, days, silent=silent, now=self.now)
        self._look()

    def _know(self, source: str) -> None:
        """Let a source be loaded before, by something that never speaks."""
        empty = in_status(snapshot(number=99), Status.DISCONTINUED)
        self.runner.run(self.town.read(empty, source=source))
        self.promises.read(empty.reference, Status.DISCONTINUED, {}, silent=True, now=self.now)

    def _changed(self, number: int, steps: dict[str, object]) -> Snapshot:
        before = self.snapshots.get(number)
        rows = {one.key: one for one in before.milestones} if before else {}
        for step, where in steps.items():
            rows.pop(step, None)
            if where != "absent":
                rows[step] = self._milestone(step, where)
        return snapshot(*rows.values(), number=number)

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

    def _status(self, number: int) -> Status:
        return self.promises.listed[self.snapshots[number].reference].status

    def _about(self, number: int | None) -> Snapshot | None:
        return None if number is None else self.snapshots.get(number)

    def _asked(self) -> list[Following]:
        return [one for one in self.promises.followings if one.state == "asked"]

    def _nothing_missing_nothing_doubled(self) -> None:
        facts = self.runner.run(self.town.facts())
        mails = {one.message_id: one for one in reversed(self.town.far_end.taken)}
        told = Counter(
            (one.recipient, fact, one.at) for one in mails.values() for fact in facts.get(one.delivery_id, ())
        )
        promised = Counter(self.promises.told)
        assert told - promised == Counter(), "told, and not promised"
        assert promised - told == Counter(), "promised, and not told"
        doubled = len(self.town.far_end.taken) - len(mails)
        assert doubled <= self.town.kills * (UNCOMMITTED + CONNECTIONS)

    def teardown(self) -> None:
        self.runner.run(self.town.close())
        self.runner.close()


def _days(dates: Dates) -> Days:
    return None if dates.start is None else (dates.start, dates.end or dates.start)


def test_whatever_happens_everybody_is_told_what_they_were_promised_once(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "GROUP_SECONDS", 0.0)
    numbers = count()

    def machine() -> Machine:
        path = tmp_path / f"{next(numbers)}.db"
        path.write_bytes(sqlite_template.read_bytes())
        return Machine(path)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
