"""What health says of mail that waits for its second try, and of a mail server that cannot be used."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import backlog
from notifier.delivery.server_watch import Fault
from notifier.web.vital_signs import judge
from tests.delivery.queue_cast import queue
from tests.web.test_vital_signs import HEALTHY, NOW, QUIET

IN_17_MINUTES = NOW.machine + timedelta(minutes=17)


def test_a_mail_whose_answer_was_lost_is_told_as_such_and_when_it_goes_again() -> None:
    said = judge(replace(QUIET, doubtful_at=IN_17_MINUTES), HEALTHY, NOW).sentence
    assert said.startswith(
        "OK. Everything due is announced; the mail server's answer to some mail was lost, which goes again "
        "from 10:17am on 13 October 2022. Next: "
    )
    assert "put off" not in said


def test_both_are_told_where_both_wait() -> None:
    said = judge(replace(QUIET, put_off=True, doubtful_at=IN_17_MINUTES), HEALTHY, NOW).sentence
    assert "some mail was put off by its receivers and is tried again; the mail server's answer" in said


def test_a_mail_server_that_is_down_is_not_called_a_pause() -> None:
    fault = Fault(
        reason="at connecting: refused", since=NOW.calendar - timedelta(minutes=5), next_at=NOW.calendar
    )
    found = judge(QUIET, replace(HEALTHY, fault=fault), NOW)
    assert (
        "The mail server does not answer, or refuses our mail, since 9:55am on 13 October 2022."
        in found.sentence
    )
    assert "paused" not in found.sentence
    assert found.problems[0].detail == "at connecting: refused"


@pytest.mark.parametrize(
    ("attempts", "doubtful", "found"),
    [(0, 0, (False, False)), (2, 0, (True, False)), (1, 1, (False, True)), (2, 1, (True, True))],
)
async def test_the_database_tells_the_two_apart(
    db: Database, attempts: int, doubtful: int, found: tuple[bool, bool]
) -> None:
    now = machine_now()
    [waits] = await queue(db, "Ben", next_at=now + timedelta(minutes=16))
    async with db.write(Rank.HOUSEKEEPING) as conn:
        row = {"of": waits, "attempts": attempts, "doubtful": doubtful}
        words = "UPDATE delivery SET attempts = :attempts, doubtful = :doubtful WHERE id = :of"
        await conn.execute(text(words), row)
    async with db.read() as conn:
        at = await backlog.doubtful_at(conn, now)
        assert (await backlog.put_off(conn, now), at is not None) == found
        assert at in (None, now + timedelta(minutes=16))
