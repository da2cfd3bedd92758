"""The Monday outlook: fourteen days ahead, and what needs somebody's eye meanwhile. Pure (promises §2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from notifier.events.forecast import Forecast
from notifier.events.staff.calendar import OUTLOOK_DAYS, StaffSlot
from notifier.events.staff.model import StaffItem, StaffSection, StaffWords
from notifier.events.staff.words import confirm_command, due_items, release_command
from notifier.events.titles import clean
from notifier.events.wording import count, dates_words, full_day, moment, short_day
from notifier.procedures.hand_outlook import Noted
from notifier.procedures.source_store import KnownSource

SHOWN = 20
"""Items of one section; a mail is read, a list of hundreds is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What should be looked at, whatever is due."""

    held: Sequence[Noted]
    unread: Sequence[KnownSource]
    month_only: Sequence[Noted]
    overdue: Sequence[Noted]


def outlook_words(
    slot: StaffSlot, found: Sequence[Forecast], attention: Attention, *, zone: str
) -> StaffWords:
    """Return the outlook; it is written in a quiet week too, as a sign of life."""
    days = f"{OUTLOOK_DAYS} days to {full_day(slot.last)}"
    number = f"{count(len(found), 'alert')} {'is' if len(found) == 1 else 'are'}"
    lead = f"{number} due in the {days}." if found else f"Nothing is due in the {days}."
    sections = (
        _section("Due", due_items(found, today=slot.day, zone=zone)),
        _section("Held, so that nobody is told", [_held(one) for one in attention.held]),
        _section("Sources that cannot be read", [_unread(one, zone) for one in attention.unread]),
        _section("Only the month is known, so nothing is sent", list(map(_month, attention.month_only))),
        _section("Past the day of publication, and not seen published", list(map(_over, attention.overdue))),
    )
    return StaffWords(
        subject=f"The next {OUTLOOK_DAYS} days, to {short_day(slot.last)}: {count(len(found), 'alert')}",
        lead=lead,
        sections=tuple(one for one in sections if one.items),
    )


def _section(heading: str, items: Sequence[StaffItem]) -> StaffSection:
    shown = tuple(items[:SHOWN])
    more = len(items) - len(shown)
    tail = (StaffItem(text=f"And {more:,} more."),) if more else ()
    return StaffSection(heading=heading, items=(*shown, *tail))


def _held(one: Noted) -> StaffItem:
    command = release_command(one.slug, None if one.whole else one.milestone)
    return StaffItem(text=_named(one), commands=(command,))


def _month(one: Noted) -> StaffItem:
    return StaffItem(text=_named(one))


def _over(one: Noted) -> StaffItem:
    return StaffItem(text=_named(one), commands=(confirm_command(one.slug, one.milestone),))


def _named(one: Noted) -> str:
    dates = dates_words(one.milestone.dates, weekdays=True)
    return f"{clean(one.shown_id)}: {clean(one.milestone.label)}, {dates}."


def _unread(one: KnownSource, zone: str) -> StaffItem:
    since = f"since {moment(one.failing_since, zone)}" if one.failing_since else "now"
    last = f"last read at {moment(one.read_at, zone)}" if one.read_at else "never read"
    why = f" ({clean(one.problem)})" if one.problem else ""
    return StaffItem(text=f"{clean(one.key)}: {since}, {last}{why}.")
