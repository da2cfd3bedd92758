"""Sentences about facts, for those who run the service. Pure; times are those of the service's zone."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.events.proof.model import Attempt, CameBack, Suppressed
from notifier.events.titles import clean
from notifier.events.wording import plain_day, spelt
from notifier.subscriptions.model import EndReason, Rhythm

_ORDINALS = (
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)

_ENDS = {
    EndReason.LINK: "Stopped with the link in a mail {when}",
    EndReason.ONE_CLICK: "Stopped by one-click {when}",
    EndReason.PREFERENCES: "Stopped on the page of preferences {when}",
    EndReason.OPERATOR: "Stopped by the operator {when}",
    EndReason.ERASED: "Erased on request {when}",
    EndReason.REFUSED: "Refused by its server {when}, which ended all that was sent there",
    EndReason.BOUNCED: "Ended {when}, because mail came back as undeliverable",
    EndReason.SOFT_BOUNCED: "Ended {when}, because mail came back for now too often",
    EndReason.COMPLAINED: "Ended {when}, because a mail was reported as unwanted",
    EndReason.OVER: "Ended by itself {when}, after the procedure had ended",
    EndReason.NEVER_CONFIRMED: "Asked and never confirmed; the address was dropped {when}",
}

CAME_BACK = {
    "hard": "came back as undeliverable",
    "soft": "came back for now",
    "refused": "came back refused",
    "complaint": "was reported as unwanted",
}
"""What can happen to a mail that was accepted, by the kind of a bounce; its other kinds harm no mail."""

_DIGESTS = {Rhythm.AT_ONCE: "mail", Rhythm.DAILY: "daily mail", Rhythm.WEEKLY: "weekly mail"}


def day_words(instant: datetime, zone: ZoneInfo) -> str:
    """Return "14 October 2022"."""
    return plain_day(instant.astimezone(zone).date())


def moment_words(instant: datetime, zone: ZoneInfo) -> str:
    """Return "9:00:07am on 14 October 2022": evidence is told to the second."""
    there = instant.astimezone(zone)
    half = "am" if there.hour < 12 else "pm"
    hour = f"{(there.hour - 1) % 12 + 1}:{there.minute:02}:{there.second:02}{half}"
    return f"{hour} on {plain_day(there.date())}"


def when_words(instant: datetime, zone: ZoneInfo, *, beside: Iterable[datetime] = ()) -> str:
    """Return "on 14 October 2022", or "at 9:00:07am on 14 October 2022" if it is of a day with one beside it.

    Beside it are the other instants that the sentence names: of one day alone nobody reads which came first.
    """
    day = instant.astimezone(zone).date()
    if any(one != instant and one.astimezone(zone).date() == day for one in beside):
        return f"at {moment_words(instant, zone)}"
    return f"on {plain_day(day)}"


def end_words(reason: EndReason, at: datetime, zone: ZoneInfo, *, beside: Iterable[datetime] = ()) -> str:
    """Return how and when somebody's alerts ended, as the beginning of a sentence (see `when_words`)."""
    return _ENDS[reason].format(when=when_words(at, zone, beside=beside))


def reply_words(attempt: Attempt) -> str:
    """Return "250 2.0.0 Ok", as far as that is known still."""
    said = " ".join(
        part for part in ("" if attempt.code is None else str(attempt.code), clean(attempt.reply)) if part
    )
    return said or "no answer"


def attempt_words(attempts: int) -> str:
    """Return "at the third attempt"; nothing for the first."""
    if attempts <= 1:
        return ""
    ordinal = _ORDINALS[attempts] if attempts < len(_ORDINALS) else f"{attempts}th"
    return f" at the {ordinal} attempt"


def times_words(number: int) -> str:
    """Return "once" or "three times"."""
    return {1: "once", 2: "twice"}.get(number, f"{spelt(number)} times")


def digest_words(rhythm: Rhythm, slot_at: datetime, zone: ZoneInfo) -> str:
    """Return "daily mail of 9:00:00am on 15 October 2022"."""
    return f"{_DIGESTS[rhythm]} of {moment_words(slot_at, zone)}"


def came_back_words(one: CameBack, zone: ZoneInfo) -> str:
    """Return what happened to a mail after it was accepted."""
    code = f", {one.code}" if one.code else ""
    return f"it {CAME_BACK[one.kind]} on {day_words(one.at, zone)}{code}"


def suppressed_words(one: Suppressed, zone: ZoneInfo) -> str:
    """Return since when and why an address is not written to."""
    until = "until that is lifted" if one.until is None else f"until {day_words(one.until, zone)}"
    return f"Not written to since {day_words(one.at, zone)}, {until}: {one.reason}"
