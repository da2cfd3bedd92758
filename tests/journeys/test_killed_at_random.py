"""SIGKILL at random moments of a mailing to many: nobody is lost, few are told twice, by the same message.

What may come twice at each kill: mails that the server took and whose acceptance was not yet recorded, at
most `mail.uncommitted` and one per connection. `python -m benchmarks.faults` does the same to thousands.
"""

from pathlib import Path

import pytest

from tests.journeys.random_kills import CONNECTIONS, Killer, prepare

PEOPLE = 400
UNCOMMITTED = 20
KILLS = 8


@pytest.fixture
async def ready(tmp_path: Path) -> Path:
    """A home in which four hundred people wait for an opening."""
    home = tmp_path / "ready"
    home.mkdir()
    await prepare(home, PEOPLE)
    return home


async def test_killed_at_random_nobody_is_lost_and_doubles_stay_within_the_bound(ready: Path) -> None:
    counted = await Killer(ready, people=PEOPLE, uncommitted=UNCOMMITTED, seed=1783).kill(KILLS)
    assert counted.lost == 0
    assert len(counted.unrecorded) == KILLS
    assert max(counted.unrecorded) <= UNCOMMITTED + CONNECTIONS
    assert counted.doubled == sum(counted.unrecorded)
    assert counted.doubled > 0, "no kill hit a mail on its way: the moments prove nothing"
