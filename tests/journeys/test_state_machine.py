"""Whatever happens, in whatever order, everybody is told what they were promised, and told it once.

Hypothesis makes up procedures, dates, statuses, followers, downtime and kills. The real use cases run on a
real SQLite file; a plain model of the promises (`promise_model.py`) says who must have been told what, when.
"""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from notifier.delivery import recording
from notifier.events.interest import Preset
from notifier.procedures.model import Status
from notifier.subscriptions.model import Rhythm
from tests.journeys.play import Play, Wish
from tests.journeys.promise_calendar import CONSULTATION, STEPS, local

NUMBERS = (1, 2, 3)
PEOPLE = ("ada@example.org", "ben@example.org", "cora@example.org")
STATUSES = (Status.IN_PROGRESS, Status.PROPOSED, Status.SUSPENDED, Status.COMPLETE, Status.DISCONTINUED)
numbers = st.sampled_from(NUMBERS)
people = st.sampled_from(PEOPLE)
presets = st.sampled_from(Preset)
rhythms = st.sampled_from(Rhythm)
topics = st.none() | numbers | st.sampled_from(("ip", "mt"))
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


class Machine(Play, RuleBasedStateMachine):
    """Whatever can happen happens, in any order."""

    @rule(
        number=numbers,
        status=st.sampled_from(STATUSES) | st.just(Status.IN_PROGRESS),
        silent=st.booleans(),
        steps=st.tuples(offsets | unset, ranges | unset, offsets | unset),
    )
    def first_reading(self, number: int, status: Status, silent: bool, steps: tuple[object, ...]) -> None:
        if number not in self.snapshots:
            self.read(number, status, dict(zip(STEPS, steps, strict=True)), silent=silent)

    @precondition(lambda self: self.snapshots)
    @rule(number=numbers, step=st.sampled_from(STEPS), day=offsets | unset, days=ranges)
    def dates_change(self, number: int, step: str, day: int | str, days: tuple[int, int]) -> None:
        if number in self.snapshots:
            where = days if step == CONSULTATION and isinstance(day, int) else day
            self.read(number, self.status(number), {step: where})

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
        self.read(number, self.status(number), {step: where})
        self.time_passes(timedelta(minutes=span))
        self.take(number, before)

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
        self.read(number, self.status(number), {step: where})

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
            self.read(number, self.status(number), {CONSULTATION: where})

    @precondition(lambda self: self.snapshots)
    @rule(number=numbers, status=st.sampled_from(STATUSES) | st.just(Status.IN_PROGRESS))
    def status_changes(self, number: int, status: Status) -> None:
        if number in self.snapshots:
            self.read(number, status, {})

    @rule(person=people, topic=topics, preset=presets, rhythm=rhythms)
    def somebody_asks(self, person: str, topic: Wish, preset: Preset, rhythm: Rhythm) -> None:
        self.ask(person, topic, preset, rhythm)
        self.look()

    @precondition(lambda self: self.asked())
    @rule(data=st.data())
    def somebody_confirms(self, data: st.DataObject) -> None:
        self.confirm(data.draw(st.sampled_from(self.asked())))

    @rule(person=people, topic=topics, preset=presets, rhythm=rhythms)
    def somebody_asks_and_confirms(self, person: str, topic: Wish, preset: Preset, rhythm: Rhythm) -> None:
        self.ask(person, topic, preset, rhythm)
        self.look()
        self.confirm_all(person)

    @precondition(lambda self: self.following())
    @rule(data=st.data(), rhythm=rhythms)
    def somebody_changes_a_rhythm(self, data: st.DataObject, rhythm: Rhythm) -> None:
        self.change(data.draw(st.sampled_from(self.following())), rhythm)

    @precondition(lambda self: self.promises.told)
    @rule(data=st.data())
    def somebody_stops(self, data: st.DataObject) -> None:
        self.stop_last(data.draw(st.sampled_from(sorted({person for person, _, _ in self.promises.told}))))

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.live(span)

    @rule(span=spans)
    def down(self, span: timedelta) -> None:
        self.lie_down(span)

    @rule(span=spans, hangs=st.sampled_from(["before", "after"]))
    def killed_while_sending(self, span: timedelta, hangs: str) -> None:
        """The server takes letters, or none, and answers no more; the process dies and is back at once."""
        start = self.now
        self.town.far_end.hangs = hangs
        self.runner.run(self.town.live(start + span))
        self.runner.run(self.town.kill())
        self.runner.run(self.town.start())
        self.promises.live(start, self.now)
        self.keep_house()

    def teardown(self) -> None:
        self.end()


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
            max_examples=16,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
