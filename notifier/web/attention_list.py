"""What somebody should look at within days, and nobody must get up for (promises §7). Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifier.events.ages import age
from notifier.events.wording import count, plain_day
from notifier.procedures.concerns import HeldDates
from notifier.subscriptions.audience import Following
from notifier.web.health_facts import Backup, Missed, Now, Problem, Running, Source, State, Stored
from notifier.zone_data import is_old

MOST_BOUNCES = 50
"""Of the last thousand mails: more than 5 % refused because there is no such mailbox, or come back."""

GONE_SHARE = 0.2
GONE_LEAST = 5
"""So large a share of the people lost in a day is a fault or an alarm; of a handful it is chance."""

UNREAD_LIMIT = timedelta(hours=24)
"""How long a source may be unread before somebody should look at it."""

BACKUP_LIMIT = timedelta(hours=26)
"""A daily backup that is late by more than two hours."""

HEARTBEATS_MISSED = 3
"""One call that fails is the network's; so many in a row are somebody's."""


def attention_list(stored: Stored | None, running: Running, now: Now) -> Sequence[Problem]:
    """Return every problem of these kinds; `stored` is None when the database does not answer."""
    by_process = (
        _fault(running, now),
        _sources(stored, running),
        _bounces(stored, running),
        _returned_mail(running, now),
        _heartbeat(running.missed, now),
        _zones(running.zones, now.machine),
        _backup(running.backup, now),
    )
    by_database = (
        ()
        if stored is None
        else (
            _unread(stored.sources, now),
            _held_dates(stored.held_dates, now),
            _statuses(stored),
            _following(stored.following),
        )
    )
    return [one for one in (*by_process, *by_database) if one is not None]


def _attention(sentence: str, *, since: datetime | None, detail: str, advice: str) -> Problem:
    return Problem(state=State.ATTENTION, sentence=sentence, since=since, detail=detail, advice=advice)


def _fault(running: Running, now: Now) -> Problem | None:
    fault = running.fault
    if fault is None:
        return None
    return _attention(
        f"The mail server does not answer, or refuses our mail, since {now.told(fault.since)}.",
        since=fault.since,
        detail=fault.reason,
        advice=f"Mend the cause; the server is tried again by itself, next at {now.told(fault.next_at)}.",
    )


def _sources(stored: Stored | None, running: Running) -> Problem | None:
    """Tell what is wrong with files and records; a server that does not answer is told of after a day."""
    unasked = {one.problem for one in stored.sources} if stored is not None else set()
    problems = [problem for problem in running.source_problems if problem not in unasked]
    if not problems:
        return None
    return _attention(
        f"{count(len(problems), 'source')} of dates could not be read.",
        since=running.sources_unread_since,
        detail="\n".join(problems),
        advice="Mend the file; until then the dates that were read before stay in force.",
    )


def is_unread(one: Source, now: Now) -> bool:
    """Whether a source was not read for a day although it was to be: it fails, or nobody asks it."""
    since = one.unread_since
    if since is None or now.calendar - since <= UNREAD_LIMIT:
        return False
    return one.failing_since is not None or now.calendar - one.next_at > UNREAD_LIMIT


def source_advice(one: Source) -> str:
    """Return what to do about a source that cannot be read."""
    if one.failing_since is None:
        return "Read the log: nobody asks it. Its dates stay in force as they were last read."
    return (
        f"See whether its address answers; if it has moved, change the url of “{one.name}” in [[sources]]. "
        "Until then its dates stay in force as they were last read."
    )


def _unread(sources: Sequence[Source], now: Now) -> Problem | None:
    unread = [(one.unread_since, one) for one in sources if is_unread(one, now)]
    ages = [(since, one) for since, one in unread if since is not None]
    if not ages:
        return None
    since, longest = min(ages, key=lambda pair: pair[0])
    span, more = age(now.calendar - since), len(ages) - 1
    return _attention(
        f"Sources “{longest.name}” and {more} more have been unread for up to {span}."
        if more
        else f"Source “{longest.name}” has been unread for {span}.",
        since=since,
        detail="\n".join(f"{one.name}: {one.problem or 'nobody asks it'}" for _, one in ages),
        advice=source_advice(longest),
    )


def _bounces(stored: Stored | None, running: Running) -> Problem | None:
    refused, came_back = running.unknown_addresses, stored.came_back if stored is not None else 0
    if refused + came_back <= MOST_BOUNCES:
        return None
    return _attention(
        "More than 5 % of the last 1,000 mails came back, or were refused for want of a mailbox.",
        since=None,
        detail=f"{came_back} came back and {refused} were refused at once. So many are rather a slip of a "
        "server or of an import; beyond 5 % none is ended by what comes back.",
        advice="Read what the servers said, in the log and in what came back, before more addresses end.",
    )


def _returned_mail(running: Running, now: Now) -> Problem | None:
    since = running.mail_unread_since
    if since is None:
        return None
    return _attention(
        f"Mail that came back has not been read since {now.told(since)}.",
        since=since,
        detail="Whoever complained is written to meanwhile. Nothing that came back is lost.",
        advice='Look in the log for "maildir_not_read" or "mail_not_taken_in"; see who owns bounces.maildir.',
    )


def _heartbeat(missed: Missed | None, now: Now) -> Problem | None:
    if missed is None or missed.count < HEARTBEATS_MISSED:
        return None
    return _attention(
        f"The heartbeat has not been heard since {now.told(missed.since)}.",
        since=missed.since,
        detail=f"{missed.count} calls of health.heartbeat_url failed one after the other.",
        advice='Look in the log for "heartbeat_missed"; whoever watches may believe this service dead.',
    )


def _zones(version: str | None, today: datetime) -> Problem | None:
    if version is None or not is_old(version, today.date()):
        return None
    return _attention(
        "The time-zone data is older than 12 months.",
        since=None,
        detail=f"Its version is {version}. A change of summer time since then is not known here.",
        advice="Update the system's tzdata, or the Python package of that name, and restart.",
    )


def _backup(backup: Backup | None, now: Now) -> Problem | None:
    if backup is None or (backup.newest is not None and now.machine - backup.newest <= BACKUP_LIMIT):
        return None
    since = None if backup.newest is None else now.in_calendar(backup.newest)
    return _attention(
        "There is no backup."
        if backup.newest is None
        else f"The newest backup is {age(now.machine - backup.newest)} old.",
        since=since,
        detail="No file that health.backup_file names was written within 26 hours.",
        advice="See whether the backup still runs, and whether its disk is full.",
    )


def _held_dates(held: HeldDates | None, now: Now) -> Problem | None:
    if held is None:
        return None
    day = plain_day(held.earliest.astimezone(now.zone).date())
    one = held.count == 1
    return _attention(
        f"{count(held.count, 'date')} {'is' if one else 'are'} held, the earliest for {day}.",
        since=None,
        detail="A date that is held says nothing on its day, and nothing after it.",
        advice="Release it, correct it, or leave it held if it should stay silent.",
    )


def _statuses(stored: Stored) -> Problem | None:
    number = stored.unknown_statuses
    if not number:
        return None
    return _attention(
        f"{count(number, 'procedure')} {'has' if number == 1 else 'have'} a status that is not known.",
        since=None,
        detail="Dates of such a procedure are shown and not announced.",
        advice="See what the source means, and write the status in a word that is known.",
    )


def _following(following: Following | None) -> Problem | None:
    if following is None or following.gone < GONE_LEAST:
        return None
    if following.gone < GONE_SHARE * following.before:
        return None
    return _attention(
        f"{following.gone:,} of {following.before:,} people have stopped following within a day.",
        since=None,
        detail="A mistaken mail does this, or a server that refuses everybody.",
        advice="See how they ended: by link, by one-click, or refused by their servers.",
    )
