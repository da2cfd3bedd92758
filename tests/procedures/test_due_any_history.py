"""Arming over any history of a schedule: edits, holds, stops and passing time in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.due import Arming, DueState, Edge, Rules, StoredDue, derive
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState
from tests.procedures.schedule_cast import RULES, TBC, Table, at, between, in_month, on

FIRST_DAY = date(2022, 10, 1)
OVER = (DueState.ANNOUNCED, DueState.HISTORY, DueState.SKIPPED)
WAITING = (DueState.PENDING, DueState.HELD)
Instant = tuple[str, Edge, date]


@dataclass(frozen=True)
class Step:
    """One arming of a history: what the source says, and how things stand."""

    milestones: tuple[Milestone, ...]
    now: datetime
    counts: bool
    held: bool
    silent: bool
    announces_first: bool

    def arm(self, table: Table, *, now: datetime | None = None, rules: Rules = RULES) -> Arming:
        if self.announces_first:
            table.announce(self.now)
        return table.arm(
            self.milestones,
            now or self.now,
            counts=self.counts,
            held=self.held,
            silent=self.silent,
            rules=rules,
        )


_days = st.integers(0, 4).map(lambda weeks: FIRST_DAY + timedelta(weeks=weeks))
_spans = st.tuples(_days, st.sampled_from((1, 14, 28)))
_milestones = st.builds(
    Milestone,
    key=st.just("a"),
    label=st.just("A step"),
    kind=st.sampled_from((MilestoneKind.CONSULTATION, MilestoneKind.CONSULTATION, MilestoneKind.PUBLICATION)),
    dates=st.one_of(
        _spans.map(lambda span: between(span[0], span[0] + timedelta(days=span[1]))),
        _days.map(on),
        st.sampled_from((TBC, in_month(2022, 11))),
    ),
    state=st.sampled_from((MilestoneState.PLANNED, MilestoneState.PLANNED, MilestoneState.WITHDRAWN)),
    held=st.booleans(),
)
_schedules = st.tuples(_milestones, st.booleans()).map(
    lambda drawn: (drawn[0], replace(drawn[0], key="b")) if drawn[1] else (drawn[0],)
)


@st.composite
def _histories(draw: st.DrawFn) -> tuple[Step, ...]:
    """Draw up to eight armings among three schedules, so that dates move away and come back."""
    schedules = (*draw(st.lists(_schedules, min_size=1, max_size=2)), ())
    now, steps = at(2022, 9, 30), []
    for _ in range(draw(st.integers(1, 8))):
        now += timedelta(hours=draw(st.sampled_from((0, 7, 24, 200, 340))))
        step = Step(
            milestones=draw(st.sampled_from(schedules)),
            now=now,
            counts=draw(st.sampled_from((True, True, False))),
            held=draw(st.sampled_from((False, False, True))),
            silent=draw(st.sampled_from((False, False, True))),
            announces_first=draw(st.booleans()),
        )
        steps.append(step)
    return tuple(steps)


@given(_histories())
def test_arming_again_now_or_later_changes_nothing(history: Sequence[Step]) -> None:
    table = Table()
    for step in history:
        step.arm(table)
        for later in (step.now, step.now + timedelta(days=20)):
            again = replace(step, announces_first=False).arm(table, now=later)
            assert again == Arming(new=(), updates=())


@given(_histories())
def test_after_any_history_the_present_dates_wait_and_no_others(history: Sequence[Step]) -> None:
    table = Table()
    for step in history:
        step.arm(table)
        wanted = {
            (one.key, due.edge, due.local_date, due.due_at, step.held or one.held)
            for one in step.milestones
            for due in derive(one, RULES)
            if step.counts
        }
        waiting = {
            (*_key(row), row.instant.due_at, row.state is DueState.HELD)
            for row in table.rows
            if row.state in WAITING
        }
        over = {_key(row) for row in table.rows if row.state in OVER}
        assert waiting <= wanted
        assert all(one in waiting or one[:3] in over for one in wanted if one[3] > step.now)


@given(_histories())
def test_the_same_milestone_on_the_same_date_is_announced_once(history: Sequence[Step]) -> None:
    table = Table()
    said: list[Instant] = []
    for step in history:
        said += table.announce(step.now)
        step.arm(table)
        said += table.announce(step.now)
    assert len(said) == len(set(said))


@given(_histories())
def test_what_is_over_stays_over_with_its_instant(history: Sequence[Step]) -> None:
    table = Table()
    for number, step in enumerate(history):
        table.announce(step.now)
        before = {row for row in table.rows if row.state in OVER}
        step.arm(table, rules=replace(RULES, announce_at=RULES.announce_at.replace(minute=number)))
        assert before <= set(table.rows)


@given(_histories())
def test_a_first_load_never_speaks_of_the_past(history: Sequence[Step]) -> None:
    for step in history:
        table = Table()
        replace(step, silent=True).arm(table)
        assert table.announce(step.now) == []


def _key(row: StoredDue) -> Instant:
    return (row.milestone_key, row.instant.edge, row.instant.local_date)
