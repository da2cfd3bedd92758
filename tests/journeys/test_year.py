"""A year of twelve procedures and two hundred people of mixed choices, against the model of the promises.

Nobody of them may miss a thing, and nobody may be told a thing twice or at another instant than promised.
"""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from notifier.delivery import recording
from notifier.events.interest import Preset
from notifier.procedures.model import Status
from notifier.subscriptions.model import Rhythm
from tests.journeys.play import BEGIN, Play, Wish
from tests.journeys.promise_calendar import CONSULTATION, MEETING, PUBLICATION, local

PROCEDURES = range(1, 13)
PEOPLE = 200
YEAR = timedelta(days=365)

numbers = st.sampled_from(PROCEDURES)
people = st.integers(1, PEOPLE)
topics: st.SearchStrategy[Wish] = st.none() | st.sampled_from(("ip", "mt")) | numbers
rhythms = st.sampled_from(Rhythm)
choices = st.tuples(topics, st.sampled_from(Preset), rhythms)
days = st.integers(1, 12)


class Year(Play, RuleBasedStateMachine):
    """What happens between two looks is drawn; the year ends when its days are over."""

    @initialize(chance=st.randoms(use_true_random=True))
    def everybody_signs_up(self, chance: Random) -> None:
        """Chance comes of one seed: choices drawn one by one leave no room for what happens."""
        for number in PROCEDURES:
            first = chance.randint(3, 250)
            steps: dict[str, object] = {
                MEETING: first,
                CONSULTATION: (first + 14, 28),
                PUBLICATION: first + 100,
            }
            self.read(number, Status.IN_PROGRESS, steps)
        for person in range(1, PEOPLE + 1):
            topic = chance.choice((None, chance.choice(("ip", "mt")), chance.choice(PROCEDURES)))
            self.join(person, topic, chance.choice(list(Preset)), chance.choice(list(Rhythm)))

    @precondition(lambda self: self.goes_on)
    @rule(number=numbers, later=st.integers(-3, 40))
    def a_date_moves(self, number: int, later: int) -> None:
        found = self.promises.listed[self.snapshots[number].reference]
        for step in (CONSULTATION, PUBLICATION, MEETING):
            dates = found.days.get(step)
            if dates is not None and dates[1] > local(self.now).date():
                start = (dates[0] - local(self.now).date()).days + later
                length = (dates[1] - dates[0]).days
                where = (start, length) if step == CONSULTATION else start
                self.read(number, found.status, {step: where})
                return

    @precondition(lambda self: self.goes_on)
    @rule(number=numbers, status=st.sampled_from([Status.SUSPENDED, Status.IN_PROGRESS, Status.COMPLETE]))
    def a_status_changes(self, number: int, status: Status) -> None:
        self.read(number, status, {})

    @precondition(lambda self: self.goes_on)
    @rule(person=people, choice=choices)
    def somebody_follows_more(self, person: int, choice: tuple[Wish, Preset, Rhythm]) -> None:
        self.join(person, *choice)

    @precondition(lambda self: self.goes_on and self.following())
    @rule(place=st.integers(0, 10_000), rhythm=rhythms)
    def somebody_changes_a_rhythm(self, place: int, rhythm: Rhythm) -> None:
        following = self.following()
        self.change(following[place % len(following)], rhythm)

    @precondition(lambda self: self.goes_on and self.promises.told)
    @rule(data=st.data())
    def somebody_stops(self, data: st.DataObject) -> None:
        told = sorted({person for person, _, _ in self.promises.told})
        self.stop_last(data.draw(st.sampled_from(told)))

    @precondition(lambda self: self.goes_on)
    @rule(span=days, hours=st.integers(0, 23))
    def days_pass(self, span: int, hours: int) -> None:
        self.live(timedelta(days=span, hours=hours))

    @precondition(lambda self: self.goes_on)
    @rule(span=days)
    def weeks_pass(self, span: int) -> None:
        self.live(timedelta(days=span + 7))

    @precondition(lambda self: self.goes_on)
    @rule(span=st.integers(1, 4), hours=st.integers(0, 23))
    def the_service_is_down(self, span: int, hours: int) -> None:
        self.lie_down(timedelta(days=span - 1, hours=hours))

    @property
    def goes_on(self) -> bool:
        """Whether the year is not over."""
        return self.now < BEGIN + YEAR

    def join(self, person: int, topic: Wish, preset: Preset, rhythm: Rhythm) -> None:
        """Somebody signs up and confirms."""
        address = f"person{person}@example.org"
        self.ask(address, topic, preset, rhythm)
        self.confirm_all(address)

    def nothing_missing_nothing_doubled(self) -> None:
        """Count at the end of the year; a year of counting would take one."""

    def teardown(self) -> None:
        try:
            if self.snapshots:
                if self.goes_on:
                    self.live(BEGIN + YEAR - self.now)
                super().nothing_missing_nothing_doubled()
                assert len({person for person, _, _ in self.promises.told}) > PEOPLE / 2
        finally:
            self.end()


def test_in_a_year_two_hundred_people_are_told_all_they_chose_once_and_in_their_rhythm(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "GROUP_SECONDS", 0.0)
    path = tmp_path / "year.db"

    def machine() -> Year:
        path.write_bytes(sqlite_template.read_bytes())
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        return Year(path)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=2,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
