"""The judgement of health, as a table of cases: what is red, what asks for attention, in which words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.server_watch import Fault
from notifier.hold_kinds import HoldKind
from notifier.holds import Hold
from notifier.procedures.concerns import HeldDates
from notifier.subscriptions.audience import Following
from notifier.web.health_facts import Backup, Coming, Disk, Missed, Now, Running, State, Stored
from notifier.web.vital_signs import judge

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
FAULT = Fault(
    reason="535 wrong password at smtp.internal",
    since=NOW.calendar - timedelta(hours=3),
    next_at=NOW.calendar,
)
LATE = replace(QUIET, unannounced_since=NOW.calendar - timedelta(hours=1))
WAITING = replace(QUIET, mail_since=NOW.machine - timedelta(hours=2))
DIGESTS = replace(QUIET, digests_since=NOW.machine - timedelta(hours=2))


def refusing(*, domains: int, minutes: float) -> Running:
    """A process whose letters have been refused for so long, by so many domains, and none accepted since."""
    refused = Unaccepted(count=40, domains=domains, since=ago(minutes=minutes), reply="554 5.7.1 Refused")
    return replace(HEALTHY, unaccepted=refused)


def held(**parts: float) -> Hold:
    since = NOW.machine - timedelta(**parts)
    return Hold(kind=HoldKind.CLOCK, sentence="The clock leapt.", since=since)


def paused(*, ends_in: float | None = None, **parts: float) -> Hold:
    """Return a pause since so long, without an end or one in so many hours."""
    until = None if ends_in is None else NOW.machine + timedelta(hours=ends_in)
    since = NOW.machine - timedelta(**parts)
    return Hold(kind=HoldKind.PAUSE, sentence="Paused by anna: the relay moves.", since=since, until=until)


def braked(**parts: float) -> Hold:
    since = NOW.machine - timedelta(**parts)
    return Hold(kind=HoldKind.BRAKE, sentence="As many mails as 500.", since=since)


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
        # A server that refuses everybody, and one domain that refuses us.
        (QUIET, refusing(domains=2, minutes=15), State.OK),
        (QUIET, refusing(domains=2, minutes=16), State.ATTENTION),
        (QUIET, refusing(domains=2, minutes=61), State.BROKEN),
        (QUIET, refusing(domains=1, minutes=600), State.OK),
        # The sweep.
        (QUIET, replace(HEALTHY, swept_at=machine_ago(seconds=90)), State.OK),
        (QUIET, replace(HEALTHY, swept_at=machine_ago(seconds=91)), State.BROKEN),
        (QUIET, replace(HEALTHY, swept_at=None, started_at=machine_ago(seconds=80)), State.OK),
        (QUIET, replace(HEALTHY, swept_at=None, started_at=machine_ago(seconds=100)), State.BROKEN),
        # The disk.
        (QUIET, replace(HEALTHY, disk=Disk(free=100_000_000, lasts=None)), State.OK),
        (QUIET, replace(HEALTHY, disk=Disk(free=99_999_999, lasts=None)), State.BROKEN),
        (QUIET, replace(HEALTHY, disk=Disk(free=10**12, lasts=timedelta(hours=24))), State.OK),
        (QUIET, replace(HEALTHY, disk=Disk(free=10**12, lasts=timedelta(hours=23))), State.BROKEN),
        # A database that reads and does not write.
        (replace(QUIET, unwritable_since=ago(seconds=1)), HEALTHY, State.BROKEN),
        # Daily and weekly mail.
        (replace(QUIET, digests_since=machine_ago(minutes=60)), HEALTHY, State.OK),
        (replace(QUIET, digests_since=machine_ago(minutes=61)), HEALTHY, State.ATTENTION),
        (replace(QUIET, digests_since=machine_ago(minutes=121)), HEALTHY, State.BROKEN),
        # Held: only the hold counts, and is red after four hours with something behind it.
        (replace(QUIET, holds=(held(days=9),)), HEALTHY, State.ATTENTION),
        (replace(LATE, holds=(held(hours=4),)), HEALTHY, State.ATTENTION),
        (replace(LATE, holds=(held(hours=4, seconds=1),)), HEALTHY, State.BROKEN),
        (replace(WAITING, holds=(held(),)), HEALTHY, State.ATTENTION),
        (replace(WAITING, holds=(held(hours=5),)), HEALTHY, State.BROKEN),
        # Paused: dates are announced all the same; red after four hours with mail waiting and no end.
        (replace(QUIET, holds=(paused(days=9),)), HEALTHY, State.ATTENTION),
        (replace(WAITING, holds=(paused(hours=4),)), HEALTHY, State.ATTENTION),
        (replace(WAITING, holds=(paused(hours=4, seconds=1),)), HEALTHY, State.BROKEN),
        (replace(DIGESTS, holds=(paused(hours=4, seconds=1),)), HEALTHY, State.BROKEN),
        (replace(WAITING, holds=(paused(ends_in=1, hours=9),)), HEALTHY, State.ATTENTION),
        (replace(LATE, holds=(paused(),)), HEALTHY, State.BROKEN),
        # The daily brake: red when mail has waited for an hour, since nobody decided that it should.
        (replace(QUIET, holds=(braked(hours=9),)), HEALTHY, State.ATTENTION),
        (replace(QUIET, mail_since=machine_ago(minutes=60), holds=(braked(),)), HEALTHY, State.ATTENTION),
        (replace(QUIET, mail_since=machine_ago(minutes=61), holds=(braked(),)), HEALTHY, State.BROKEN),
        # What somebody should look at.
        (replace(QUIET, held_dates=HeldDates(count=2, earliest=ago(days=1))), HEALTHY, State.ATTENTION),
        (replace(QUIET, unknown_statuses=1), HEALTHY, State.ATTENTION),
        (replace(QUIET, following=Following(before=100, gone=19)), HEALTHY, State.OK),
        (replace(QUIET, following=Following(before=100, gone=20)), HEALTHY, State.ATTENTION),
        (replace(QUIET, following=Following(before=4, gone=4)), HEALTHY, State.OK),
        (QUIET, replace(HEALTHY, unknown_addresses=50), State.OK),
        (QUIET, replace(HEALTHY, unknown_addresses=51), State.ATTENTION),
        (QUIET, replace(HEALTHY, mail_unread_since=ago(minutes=1)), State.ATTENTION),
        (replace(QUIET, came_back=50), HEALTHY, State.OK),
        (replace(QUIET, came_back=51), HEALTHY, State.ATTENTION),
        (replace(QUIET, came_back=26), replace(HEALTHY, unknown_addresses=25), State.ATTENTION),
        (QUIET, replace(HEALTHY, missed=Missed(count=2, since=ago(minutes=1))), State.OK),
        (QUIET, replace(HEALTHY, missed=Missed(count=3, since=ago(minutes=2))), State.ATTENTION),
        (QUIET, replace(HEALTHY, zones="2025a"), State.OK),
        (QUIET, replace(HEALTHY, zones="2024b"), State.ATTENTION),
        (QUIET, replace(HEALTHY, backup=Backup(newest=machine_ago(hours=26))), State.OK),
        (QUIET, replace(HEALTHY, backup=Backup(newest=machine_ago(hours=27))), State.ATTENTION),
        (QUIET, replace(HEALTHY, backup=Backup(newest=None)), State.ATTENTION),
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


def test_a_pause_says_since_when_by_whom_and_why_but_the_reason_is_not_public() -> None:
    found = judge(replace(WAITING, holds=(paused(ends_in=2, hours=1),)), HEALTHY, NOW)
    [problem] = found.problems
    assert found.sentence.startswith(
        "Attention. All mail has been paused since 9am on 13 October 2022, until midday on 13 October 2022."
    )
    assert problem.detail.startswith("Paused by anna: the relay moves. Mail waits; so do the links")
    assert problem.since == ago(hours=1)
    assert "anna" not in found.sentence


def test_a_service_that_is_well_is_so_since_no_instant() -> None:
    assert judge(QUIET, HEALTHY, NOW).since is None


def test_machine_time_is_told_in_calendar_time() -> None:
    found = judge(replace(QUIET, mail_since=machine_ago(hours=2)), HEALTHY, NOW)
    assert found.since == ago(hours=2)


@pytest.mark.parametrize("apart", [-300, 0, 300])
def test_an_end_on_the_minute_is_told_as_that_minute_though_the_clocks_are_read_in_turn(apart: int) -> None:
    now = replace(NOW, machine=NOW.machine + timedelta(milliseconds=apart))
    found = judge(replace(WAITING, holds=(paused(ends_in=3, hours=1),)), HEALTHY, now)
    assert "since 9am on 13 October 2022, until 1pm on 13 October 2022." in found.sentence
    assert found.problems[0].since == ago(hours=1)


def test_the_worst_is_told_first() -> None:
    running = replace(HEALTHY, fault=FAULT, disk=Disk(free=1, lasts=timedelta(hours=1)))
    found = judge(replace(QUIET, mail_since=machine_ago(minutes=16), unknown_statuses=2), running, NOW)
    assert [one.state for one in found.problems] == [State.BROKEN] + 3 * [State.ATTENTION]
    assert found.sentence.startswith("Broken. The disk of the database is nearly full. Mail has waited")
    assert found.problems[0].detail == "0 MB are free, and full in 1 hour at the pace of the last hours."
