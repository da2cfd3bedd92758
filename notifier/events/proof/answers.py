"""What "why" can answer: which case, and its one sentence. Plain values."""

from dataclasses import dataclass
from enum import StrEnum

from notifier.events.proof.model import Following, Sending
from notifier.subscriptions.model import EndReason


class Case(StrEnum):
    """What became of an event for a person; the words are for people, these for scripts."""

    ACCEPTED = "accepted"
    CAME_BACK = "came-back"
    SENDING = "sending"
    DOUBTFUL = "doubtful"
    PUT_OFF = "put-off"
    WAITING = "waiting"
    HELD = "held"
    BACKING_OFF = "backing-off"
    UNQUEUED = "unqueued"
    GATHERED = "gathered"
    REFUSED = "refused"
    FAILED = "failed"
    TOLD_BEFORE = "told-before"
    CORRECTED = "corrected"
    OVERTAKEN = "overtaken"
    TOO_LATE = "too-late"
    LEFT_OUT = "left-out"
    FORGOTTEN = "forgotten"
    NO_MAIL = "no-mail"
    CHANGED_SINCE = "changed-since"
    NO_REMINDERS = "no-reminders"
    OTHER_KINDS = "other-kinds"
    PAUSED = "paused"
    ENDED = "ended"
    ERASED = "erased"
    CONFIRMED_LATER = "confirmed-later"
    NEVER_CONFIRMED = "never-confirmed"
    NOT_CONFIRMED_YET = "not-confirmed-yet"
    SUPPRESSED = "suppressed"
    FOLLOWS_OTHERS = "follows-others"
    NEVER_ASKED = "never-asked"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The one sentence, and which case it is. `sending` is the mail that it speaks of, if there was one."""

    case: Case
    sentence: str
    sending: Sending | None = None


def ended_case(one: Following) -> Case:
    """Return which case it is that something ended, as it did."""
    return Case.ERASED if end_reason(one) is EndReason.ERASED else Case.ENDED


def end_reason(one: Following) -> EndReason:
    """Return why something ended that has."""
    return one.ended_because or EndReason.OPERATOR
