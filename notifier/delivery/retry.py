"""When a letter that was not accepted is tried again: a value, computed from values. Pure.

The waits grow, so that greylisting costs minutes and an outage of a day costs the server little. RFC 5321
§4.5.4.1 asks a *relay* for four to five days; here three are enough, since most alerts speak of a date.
"""

from datetime import timedelta

from notifier.delivery.model import Verdict

FIRST_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
"""The usual greylisting delays are 1, 5 and 15 minutes; after them nothing is won by haste."""

LONGEST_WAIT = timedelta(hours=8)
"""So that a server repaired during a working day is found again within it."""

GIVE_UP_AFTER = timedelta(days=3)
"""A weekend's outage must not lose a letter. All waits together, jitter apart, stay within this."""

DOUBTFUL_WAIT = timedelta(minutes=15)
"""Long enough for a slow server to finish what it took, and so to know the Message-ID again."""

DOUBTFUL_TRIES = 2
"""How often a letter is sent again after doubtful ends: each time may be a double in somebody's inbox."""

JITTER_SHARE = 0.2
"""A wait is stretched by up to this share, so that letters refused together do not come back together."""


def next_attempt(
    attempts: int, *, verdict: Verdict, jitter: float, doubtful: int | None = None
) -> timedelta | None:
    """Return how long to wait before the next attempt; None: there is none, the verdict is the end.

    `attempts` counts the attempts made, the one just judged included; `doubtful` counts those of them that
    ended doubtful, this one included (None: assume all of them, which never doubles more than allowed).
    `jitter` is a random number from 0 up to 1.

    None after RETRY: three days have passed, the delivery has failed. None after DOUBTFUL: the server took
    the whole letter three times and never said so; another try would more likely double than deliver, and
    "accepted" would claim an answer nobody got. So that too is a failed delivery, the address unblamed;
    its reply shows that the letter may have arrived.

    Raises:
        ValueError: no attempt was made, or `jitter` is out of range.
    """
    if attempts < 1 or not 0 <= jitter <= 1:
        raise ValueError(f"attempts {attempts} must be at least 1, jitter {jitter} between 0 and 1")
    if verdict is Verdict.RETRY:
        wait = _nominal_wait(attempts)
    elif verdict is Verdict.DOUBTFUL and (attempts if doubtful is None else doubtful) <= DOUBTFUL_TRIES:
        wait = DOUBTFUL_WAIT
    else:
        wait = None
    return None if wait is None else wait * (1 + JITTER_SHARE * jitter)


def _nominal_wait(attempts: int) -> timedelta | None:
    """Return the wait after so many attempts, or None where it would end later than `GIVE_UP_AFTER`."""
    if attempts <= len(FIRST_WAITS):
        return FIRST_WAITS[attempts - 1]
    waited = sum(FIRST_WAITS, timedelta()) + LONGEST_WAIT * (attempts - len(FIRST_WAITS))
    return LONGEST_WAIT if waited <= GIVE_UP_AFTER else None
