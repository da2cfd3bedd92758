"""One mail about several things: which comes first, and how the subject counts them."""

from collections.abc import Sequence
from datetime import date

from notifier.events.messages_reopened import taken_again
from notifier.events.model import EventKind
from notifier.events.telling import Telling
from notifier.events.titles import SUBJECT_LIMIT
from notifier.events.wording import count
from notifier.events.words import CountedKind

_OPEN = CountedKind(rank=0, one="open for comment", many="open for comment")
_DUE_TO_OPEN = CountedKind(rank=0, one="due to open", many="due to open")
_OPEN_AGAIN = CountedKind(rank=0, one="open again", many="open again")
_DUE_AGAIN = CountedKind(rank=0, one="due to reopen", many="due to reopen")
_COUNTED = {
    EventKind.CLOSING_SOON: CountedKind(rank=0, one="closing soon", many="closing soon"),
    EventKind.EXTENDED: CountedKind(rank=1, one="with more time", many="with more time"),
    EventKind.SHORTENED: CountedKind(rank=1, one="with less time", many="with less time"),
    EventKind.CORRECTION: CountedKind(rank=2, one="correction", many="corrections"),
    EventKind.PUBLISHED: CountedKind(rank=3, one="published", many="published"),
    EventKind.EXPECTED: CountedKind(rank=4, one="expected", many="expected"),
    EventKind.NOT_YET: CountedKind(rank=4, one="not yet published", many="not yet published"),
    EventKind.MEETING: CountedKind(rank=5, one="meeting", many="meetings"),
    EventKind.REACHED: CountedKind(rank=5, one="date come", many="dates come"),
    EventKind.MOVED: CountedKind(rank=6, one="date moved", many="dates moved"),
    EventKind.DATE_SET: CountedKind(rank=6, one="date set", many="dates set"),
    EventKind.DATE_ADDED: CountedKind(rank=6, one="new date", many="new dates"),
    EventKind.REMOVED: CountedKind(rank=6, one="date removed", many="dates removed"),
    EventKind.CLOSED: CountedKind(rank=7, one="closed", many="closed"),
    EventKind.SUSPENDED: CountedKind(rank=8, one="suspended", many="suspended"),
    EventKind.RESTARTED: CountedKind(rank=8, one="restarted", many="restarted"),
    EventKind.DISCONTINUED: CountedKind(rank=8, one="discontinued", many="discontinued"),
    EventKind.LISTED: CountedKind(rank=9, one="newly listed", many="newly listed"),
}


def _counted(t: Telling) -> CountedKind:
    if t.kind is EventKind.OPENED:
        return _OPEN if t.confirmed and t.comments else _DUE_TO_OPEN
    if t.kind is EventKind.REOPENED:
        return _OPEN_AGAIN if taken_again(t) else _DUE_AGAIN
    return _COUNTED[t.kind]


def deadlines_first(tellings: Sequence[Telling]) -> list[Telling]:
    """Return the news in the order a reader needs it: days to act by, then results, then changes.

    Of one rank the nearest day to act by comes first; otherwise the given order stays.
    """
    return sorted(tellings, key=lambda t: (_counted(t).rank, t.payload.deadline or date.max))


def several_subject(ordered: Sequence[Telling]) -> str:
    """Return "3 updates: 1 open for comment, 2 dates moved"; parts that do not fit are "and 4 more".

    Where all of it is about one procedure and there is room, its identity ends the subject.
    """
    numbers: dict[CountedKind, int] = {}
    for t in ordered:
        numbers[_counted(t)] = numbers.get(_counted(t), 0) + 1
    parts = [kind.words(number) for kind, number in numbers.items()]
    lead = f"{count(len(ordered), 'update')}: "
    shown = {t.shown_id for t in ordered}
    end = f" ({ordered[0].shown_id})" if len(shown) == 1 else ""
    for text in (f"{lead}{', '.join(parts)}{end}", f"{lead}{', '.join(parts)}"):
        if len(text) <= SUBJECT_LIMIT:
            return text
    amounts = list(numbers.values())
    for kept in range(len(parts) - 1, 0, -1):
        text = f"{lead}{', '.join(parts[:kept])}, {sum(amounts[kept:])} more"
        if len(text) <= SUBJECT_LIMIT:
            return text
    return lead.rstrip(": ")
