"""One mail about several things: which comes first, and how the subject counts them."""

from collections.abc import Sequence
from datetime import date

from notifier.events.language import mark_many, say, say_many
from notifier.events.messages_reopened import taken_again
from notifier.events.model import EventKind
from notifier.events.telling import Telling
from notifier.events.titles import SUBJECT_LIMIT
from notifier.events.words import CountedKind

_OPEN = CountedKind(rank=0, forms=mark_many("{number} open for comment", "{number} open for comment"))
_DUE_TO_OPEN = CountedKind(rank=0, forms=mark_many("{number} due to open", "{number} due to open"))
_OPEN_AGAIN = CountedKind(rank=0, forms=mark_many("{number} open again", "{number} open again"))
_DUE_AGAIN = CountedKind(rank=0, forms=mark_many("{number} due to reopen", "{number} due to reopen"))
_COUNTED = {
    EventKind.CLOSING_SOON: CountedKind(
        rank=0, forms=mark_many("{number} closing soon", "{number} closing soon")
    ),
    EventKind.EXTENDED: CountedKind(
        rank=1, forms=mark_many("{number} with more time", "{number} with more time")
    ),
    EventKind.SHORTENED: CountedKind(
        rank=1, forms=mark_many("{number} with less time", "{number} with less time")
    ),
    EventKind.CORRECTION: CountedKind(rank=2, forms=mark_many("{number} correction", "{number} corrections")),
    EventKind.PUBLISHED: CountedKind(rank=3, forms=mark_many("{number} published", "{number} published")),
    EventKind.EXPECTED: CountedKind(rank=4, forms=mark_many("{number} expected", "{number} expected")),
    EventKind.NOT_YET: CountedKind(
        rank=4, forms=mark_many("{number} not yet published", "{number} not yet published")
    ),
    EventKind.MEETING: CountedKind(rank=5, forms=mark_many("{number} meeting", "{number} meetings")),
    EventKind.REACHED: CountedKind(rank=5, forms=mark_many("{number} date come", "{number} dates come")),
    EventKind.MOVED: CountedKind(rank=6, forms=mark_many("{number} date moved", "{number} dates moved")),
    EventKind.DATE_SET: CountedKind(rank=6, forms=mark_many("{number} date set", "{number} dates set")),
    EventKind.DATE_ADDED: CountedKind(rank=6, forms=mark_many("{number} new date", "{number} new dates")),
    EventKind.REMOVED: CountedKind(
        rank=6, forms=mark_many("{number} date removed", "{number} dates removed")
    ),
    EventKind.CLOSED: CountedKind(rank=7, forms=mark_many("{number} closed", "{number} closed")),
    EventKind.SUSPENDED: CountedKind(rank=8, forms=mark_many("{number} suspended", "{number} suspended")),
    EventKind.RESTARTED: CountedKind(rank=8, forms=mark_many("{number} restarted", "{number} restarted")),
    EventKind.DISCONTINUED: CountedKind(
        rank=8, forms=mark_many("{number} discontinued", "{number} discontinued")
    ),
    EventKind.LISTED: CountedKind(rank=9, forms=mark_many("{number} newly listed", "{number} newly listed")),
}


def _counted(t: Telling) -> CountedKind:
    if t.kind is EventKind.OPENED:
        return _OPEN if t.confirmed and t.comments else _DUE_TO_OPEN
    if t.kind is EventKind.REOPENED:
        return _OPEN_AGAIN if taken_again(t) else _DUE_AGAIN
    return _COUNTED[t.kind]


def urgency(t: Telling) -> tuple[int, date]:
    """Return by what news is put in order: days to act by, then results, then changes.

    Of one rank the nearest day to act by comes first.
    """
    return _counted(t).rank, t.payload.deadline or date.max


def deadlines_first(tellings: Sequence[Telling]) -> list[Telling]:
    """Return the news in the order a reader needs it; where that does not say, the given order stays."""
    return sorted(tellings, key=urgency)


def several_subject(ordered: Sequence[Telling]) -> str:
    """Return "3 updates: 1 open for comment, 2 dates moved"; parts that do not fit are "and 4 more".

    Where all of it is about one procedure and there is room, its identity ends the subject.
    """
    numbers: dict[CountedKind, int] = {}
    for t in ordered:
        numbers[_counted(t)] = numbers.get(_counted(t), 0) + 1
    parts = [kind.words(number) for kind, number in numbers.items()]
    updates = say_many("{number} update", "{number} updates", len(ordered))
    lead = f"{updates}: "
    shown = {t.shown_id for t in ordered}
    end = f" ({ordered[0].shown_id})" if len(shown) == 1 else ""
    for text in (f"{lead}{', '.join(parts)}{end}", f"{lead}{', '.join(parts)}"):
        if len(text) <= SUBJECT_LIMIT:
            return text
    amounts = list(numbers.values())
    for kept in range(len(parts) - 1, 0, -1):
        text = lead + say("{parts}, {number} more", parts=", ".join(parts[:kept]), number=sum(amounts[kept:]))
        if len(text) <= SUBJECT_LIMIT:
            return text
    return updates
