"""What can make the service red (promises §7): what somebody must get up for, and nothing else. Pure.

Some of it asks for attention first. Never red: one greylisting domain, one bad address, a source down with
nothing due.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifier.web.health_facts import (
    Disk,
    Now,
    Problem,
    Running,
    State,
    Stored,
    Unanswered,
    digests_waiting_since,
    waiting_since,
)
from notifier.web.held_list import held_list

UNANNOUNCED_LIMIT = timedelta(minutes=5)
"""Longer than a sweep and a restart take: what is due and silent for so long will not speak by itself."""

MAIL_SLOW = timedelta(minutes=15)
MAIL_LIMIT = timedelta(minutes=60)
"""How long mail may be ready before somebody should look, and before somebody must."""

DIGEST_LIMIT = timedelta(hours=2)
"""The same limit for daily and weekly mail, which nobody awaits to the minute."""

SWEEPS_MISSED = 3
"""So many intervals without a sweep: the task that watches the dates is stuck or gone."""

LEAST_FREE = 100_000_000
"""Bytes. One large mailing, the log of the database beside it, and time to react need as much."""

DISK_LASTS = timedelta(days=1)
"""A disk that is full sooner than this is full before the next working day."""


def red_list(stored: Stored | None, running: Running, now: Now) -> Sequence[Problem]:
    """Return every problem of these kinds; `stored` is None when the database does not answer."""
    found = (
        _unread(running.unanswered) if stored is None else _unwritable(stored, now),
        _disk(running.disk),
        _sweep(running, now),
        *(() if stored is None else held_list(stored, now)),
        _refused(running, now),
    )
    by_limits = () if stored is None else _by_limits(stored, now)
    return [one for one in (*found, *by_limits) if one is not None]


def _by_limits(stored: Stored, now: Now) -> Sequence[Problem | None]:
    """Judge what waits; what is held waits for the hold alone (`held_list`)."""
    if any(one.silences for one in stored.holds):
        return ()
    late = (_unannounced(stored, now), _silent(stored, now))
    return late if stored.holds else (*late, _mail(stored, now))


def _unread(database: Unanswered | None) -> Problem:
    said, advice = "", "Look at the disk and at the log of this process."
    if database is not None:
        said = f" From {database.name}: {database.said}"
        if not database.is_file:
            advice = "See whether that server runs and can be reached from here; no restart is needed then."
    return Problem(
        state=State.BROKEN,
        sentence="The database does not answer.",
        since=None,
        detail=f"Nothing can be announced, sent or signed up for meanwhile; nothing is lost.{said}",
        advice=advice,
    )


def _unwritable(stored: Stored, now: Now) -> Problem | None:
    since = stored.unwritable_since
    if since is None:
        return None
    return Problem(
        state=State.BROKEN,
        sentence=f"Nothing can be written to the database since {now.told(since)}.",
        since=since,
        detail="Pages and feeds still answer; nothing can be announced, sent or signed up for.",
        advice="See whether the disk is full or read-only, and who owns the file; no restart is needed then.",
    )


def _disk(disk: Disk | None) -> Problem | None:
    if disk is None or (disk.free >= LEAST_FREE and (disk.lasts is None or disk.lasts >= DISK_LASTS)):
        return None
    pace = "" if disk.lasts is None else f", and full in {_hours(disk.lasts)} at the pace of the last hours"
    return Problem(
        state=State.BROKEN,
        sentence="The disk of the database is nearly full.",
        since=None,
        detail=f"{disk.free / 1_000_000:,.0f} MB are free{pace}.",
        advice="Make room, or move the data folder to a larger disk while the service is stopped.",
    )


def _sweep(running: Running, now: Now) -> Problem | None:
    last = running.swept_at or running.started_at
    if now.machine - last <= timedelta(seconds=SWEEPS_MISSED * running.sweep_seconds):
        return None
    since = now.in_calendar(last)
    return Problem(
        state=State.BROKEN,
        sentence=f"Nobody has looked for what is due since {now.told(since)}.",
        since=since,
        detail=f"A look is meant to happen every {running.sweep_seconds:g} seconds.",
        advice="Read the log, then restart the process; what fell due meanwhile is announced at once.",
    )


def _unannounced(stored: Stored, now: Now) -> Problem | None:
    since = stored.unannounced_since
    if since is None or now.calendar - since <= UNANNOUNCED_LIMIT:
        return None
    return Problem(
        state=State.BROKEN,
        sentence=f"A date that was due at {now.told(since)} has not been announced.",
        since=since,
        detail="It is not held, and it will be announced late.",
        advice='Look in the log for "row_poisoned" and its cause; hold the date if it should stay silent.',
    )


def _silent(stored: Stored, now: Now) -> Problem | None:
    since = stored.silent_since
    if since is None:
        return None
    return Problem(
        state=State.BROKEN,
        sentence=f"A date due at {now.told(since)} is silent because its source cannot be read.",
        since=since,
        detail="Nobody was told of it, and nobody will be until its source is read or somebody decides.",
        advice="See `notifier sources` for what is wrong; or release, confirm or correct the date by hand.",
    )


def _mail(stored: Stored, now: Now) -> Problem | None:
    mail, digests = waiting_since(stored, now), digests_waiting_since(stored, now)
    waited = _longer_than(MAIL_LIMIT, mail, now) or _longer_than(DIGEST_LIMIT, digests, now)
    slow = _longer_than(MAIL_SLOW, mail, now) or _longer_than(MAIL_LIMIT, digests, now)
    since = waited or slow
    if since is None:
        return None
    return Problem(
        state=State.BROKEN if waited else State.ATTENTION,
        sentence=f"Mail has waited to be handed over since {now.told(since)}.",
        since=since,
        detail="It is queued and will be sent; feeds and pages are not affected.",
        advice="See whether the mail server takes mail from here, and how fast.",
    )


def _refused(running: Running, now: Now) -> Problem | None:
    """One domain that refuses is its own affair; several in a row, and nobody else accepting, are ours."""
    refused = running.unaccepted
    if refused is None or refused.domains < 2 or not _longer_than(MAIL_SLOW, refused.since, now):
        return None
    long = _longer_than(MAIL_LIMIT, refused.since, now)
    return Problem(
        state=State.BROKEN if long else State.ATTENTION,
        sentence=f"No mail has been accepted since {now.told(refused.since)}.",
        since=refused.since,
        detail=f"{refused.count} mails to {refused.domains} domains were refused; last: {refused.reply}",
        advice="The mail server refuses us, not our readers: see whether we may relay through it.",
    )


def _longer_than(limit: timedelta, since: datetime | None, now: Now) -> datetime | None:
    return since if since is not None and now.calendar - since > limit else None


def _hours(lasts: timedelta) -> str:
    hours = max(1, round(lasts / timedelta(hours=1)))
    return f"{hours} hour{'s' if hours > 1 else ''}"
