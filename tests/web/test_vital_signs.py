"""The judgement of health, as a table of cases: what is red, what asks for attention, in which words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifier.delivery.deliver import Fault
from notifier.web.vital_signs import Coming, Now, Running, State, Stored, judge

NOW = Now(
    calendar=datetime(2022, 10, 13, 9, 0, tzinfo=UTC),
    machine=datetime(2026, 11, 1, 12, 0, tzinfo=UTC),
    zone=ZoneInfo("Europe/London"),
)
COMING = Coming(at=datetime(2022, 10, 14, 8, 0, tzinfo=UTC), shown_ids=("IP1783",), people=2)
QUIET = Stored(coming=COMING, unannounced_since=None, mail_since=None, unaddressed_since=None)
HEALTHY = Running(
    started_at=NOW.machine - timedelta(hours=1),
    swept_at=NOW.machine - timedelta(seconds=20),
    sweep_seconds=30,
    fault=None,
    source_problems=(),
)
FAULT = Fault(reason="535 wrong password at smtp.internal", since=NOW.calendar - timedelta(hours=3))


def ago(**parts: float) -> datetime:
    return NOW.calendar - timedelta(**parts)


def machine_ago(**parts: float) -> datetime:
    return NOW.machine - timedelta(**parts)


@pytest.mark.parametrize(
    ("stored", "running", "state"),
    [
        (QUIET, HEALTHY, State.OK),
        (replace(QUIET, coming=None), HEALTHY, State.OK),
        (None, HEALTHY, State.BROKEN),
        # Due, not held, unannounced.
        (replace(QUIET, unannounced_since=ago(minutes=5)), HEALTHY, State.OK),
        (replace(QUIET, unannounced_since=ago(minutes=5, seconds=1)), HEALTHY, State.BROKEN),
        # Mail that is ready and not handed over.
        (replace(QUIET, mail_since=machine_ago(minutes=15)), HEALTHY, State.OK),
        (replace(QUIET, mail_since=machine_ago(minutes=16)), HEALTHY, State.ATTENTION),
        (replace(QUIET, mail_since=machine_ago(minutes=60)), HEALTHY, State.ATTENTION),
        (replace(QUIET, mail_since=machine_ago(minutes=61)), HEALTHY, State.BROKEN),
        # Announced, but the mails are not even made.
        (replace(QUIET, unaddressed_since=ago(minutes=16)), HEALTHY, State.ATTENTION),
        (replace(QUIET, unaddressed_since=ago(minutes=61)), HEALTHY, State.BROKEN),
        # The sweep.
        (QUIET, replace(HEALTHY, swept_at=machine_ago(seconds=90)), State.OK),
        (QUIET, replace(HEALTHY, swept_at=machine_ago(seconds=91)), State.BROKEN),
        (QUIET, replace(HEALTHY, swept_at=None, started_at=machine_ago(seconds=80)), State.OK),
        (QUIET, replace(HEALTHY, swept_at=None, started_at=machine_ago(seconds=100)), State.BROKEN),
        # What is not red.
        (QUIET, replace(HEALTHY, fault=FAULT), State.ATTENTION),
        (QUIET, replace(HEALTHY, source_problems=("ip1783.toml, line 3: no date",)), State.ATTENTION),
        # The worst of several decides.
        (replace(QUIET, mail_since=machine_ago(hours=2)), replace(HEALTHY, fault=FAULT), State.BROKEN),
    ],
)
def test_the_state_follows_the_thresholds(stored: Stored | None, running: Running, state: State) -> None:
    assert judge(stored, running, NOW).state is state


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        (
            QUIET,
            "OK. Everything due is announced and handed over. Next: 9am, 14 October 2022, IP1783, 2 people.",
        ),
        (
            replace(QUIET, coming=replace(COMING, people=1_204)),
            "OK. Everything due is announced and handed over. "
            "Next: 9am, 14 October 2022, IP1783, 1,204 people.",
        ),
        (
            replace(QUIET, coming=replace(COMING, shown_ids=("IP1783", "ID1842", "MT550"), people=1)),
            "OK. Everything due is announced and handed over. "
            "Next: 9am, 14 October 2022, IP1783 and 2 others, 1 person.",
        ),
        (
            replace(QUIET, coming=replace(COMING, shown_ids=("IP1783", "ID1842"), people=0)),
            "OK. Everything due is announced and handed over. "
            "Next: 9am, 14 October 2022, IP1783 and 1 other, nobody follows yet.",
        ),
        (
            replace(QUIET, coming=None),
            "OK. Everything due is announced and handed over. No date is to come.",
        ),
        (
            replace(QUIET, coming=None, mail_since=machine_ago(seconds=2)),
            "OK. Everything due is announced; mail is being handed over. No date is to come.",
        ),
        (
            replace(QUIET, coming=None, unannounced_since=ago(seconds=2)),
            "OK. What is due is being announced. No date is to come.",
        ),
        (
            replace(QUIET, unannounced_since=ago(hours=1)),
            "Broken. A date that was due at 9am on 13 October 2022 has not been announced. "
            "Next: 9am, 14 October 2022, IP1783, 2 people.",
        ),
        (
            replace(QUIET, coming=None, mail_since=machine_ago(minutes=30)),
            "Attention. Mail has waited to be handed over since 9:30am on 13 October 2022. "
            "No date is to come.",
        ),
        (None, "Broken. The database does not answer."),
    ],
)
def test_the_sentence_says_how_it_is_and_what_comes(stored: Stored | None, sentence: str) -> None:
    assert judge(stored, HEALTHY, NOW).sentence == sentence


def test_every_problem_is_told_with_its_beginning_and_what_to_do() -> None:
    running = replace(
        HEALTHY, swept_at=machine_ago(minutes=10), fault=FAULT, source_problems=("a.toml", "b.toml")
    )
    found = judge(replace(QUIET, unannounced_since=ago(minutes=30)), running, NOW)
    assert [(one.state, one.since) for one in found.problems] == [
        (State.BROKEN, ago(minutes=10)),
        (State.BROKEN, ago(minutes=30)),
        (State.ATTENTION, FAULT.since),
        (State.ATTENTION, None),
    ]
    assert found.since == ago(minutes=30)
    assert all(one.advice and one.detail and one.sentence in found.sentence for one in found.problems)


def test_what_only_the_operator_should_read_is_in_no_sentence() -> None:
    running = replace(HEALTHY, fault=FAULT, source_problems=("/srv/secret/a.toml, line 3: no date",))
    sentence = judge(QUIET, running, NOW).sentence
    assert "smtp.internal" not in sentence
    assert "/srv" not in sentence


def test_a_service_that_is_well_is_so_since_no_instant() -> None:
    assert judge(QUIET, HEALTHY, NOW).since is None


def test_machine_time_is_told_in_calendar_time() -> None:
    found = judge(replace(QUIET, mail_since=machine_ago(hours=2)), HEALTHY, NOW)
    assert found.since == ago(hours=2)
