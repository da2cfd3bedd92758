"""An outage in the log: the traceback once, then a short line a minute that counts, and the end."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from notifier import outage
from notifier.outage import Outage, first_line

log = logging.getLogger(__name__)
REFUSED = OperationalError("SELECT 1", None, Exception("connection refused\n\tIs the server running?"))


def test_it_is_told_whole_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    found = Outage(log, "claim_failed")
    for _ in range(50):
        found.failed(REFUSED)
    found.ended()
    found.ended()
    first, last = caplog.records
    assert (first.message, last.message) == ("claim_failed", "works_again")
    assert first.exc_info is not None
    assert (last.__dict__["after"], last.__dict__["times"]) == ("claim_failed", 50)


def test_while_it_lasts_a_short_line_counts(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "QUIET_SECONDS", 0.0)
    found = Outage(log, "outcomes_not_recorded")
    for _ in range(3):
        found.failed(REFUSED, count=7)
    assert [bool(one.exc_info) for one in caplog.records] == [True, False, False]
    last = caplog.records[-1].__dict__
    assert (last["times"], last["why"], last["count"]) == (3, "connection refused", 7)


def test_the_next_outage_is_told_whole_again(caplog: pytest.LogCaptureFixture) -> None:
    found = Outage(log, "claim_failed")
    for _ in range(2):
        found.failed(REFUSED)
        found.ended()
    assert [bool(one.exc_info) for one in caplog.records] == [True, False, True, False]


@pytest.mark.parametrize(("error", "line"), [(REFUSED, "connection refused"), (OSError(), "OSError")])
def test_its_cause_is_one_line(error: Exception, line: str) -> None:
    assert first_line(error) == line
