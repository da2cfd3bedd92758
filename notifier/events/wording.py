"""Dates and hours in words. Pure: the same dates always give the same words.

Dates are said in full, as in "Friday 11 November 2022"; a range says its month and year once where both ends
share them. Nothing here knows today, so nothing here can say "tomorrow". Every word and every order of words
is marked: a catalogue that says "{day}. November" needs no other code.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from notifier.events.language import mark, say, say_many
from notifier.procedures.model import Dates, Precision

_WEEKDAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
_MONTHS = (
    mark("January"),
    mark("February"),
    mark("March"),
    mark("April"),
    mark("May"),
    mark("June"),
    mark("July"),
    mark("August"),
    mark("September"),
    mark("October"),
    mark("November"),
    mark("December"),
)
_DAYS_OF_MONTHS = (
    mark("{day} January"),
    mark("{day} February"),
    mark("{day} March"),
    mark("{day} April"),
    mark("{day} May"),
    mark("{day} June"),
    mark("{day} July"),
    mark("{day} August"),
    mark("{day} September"),
    mark("{day} October"),
    mark("{day} November"),
    mark("{day} December"),
)
_SHORT_DAYS_OF_MONTHS = (
    mark("{day} Jan"),
    mark("{day} Feb"),
    mark("{day} Mar"),
    mark("{day} Apr"),
    mark("{day} May"),
    mark("{day} Jun"),
    mark("{day} Jul"),
    mark("{day} Aug"),
    mark("{day} Sep"),
    mark("{day} Oct"),
    mark("{day} Nov"),
    mark("{day} Dec"),
)
_SMALL_NUMBERS = (
    mark("no"),
    mark("one"),
    mark("two"),
    mark("three"),
    mark("four"),
    mark("five"),
    mark("six"),
    mark("seven"),
    mark("eight"),
    mark("nine"),
    mark("ten"),
    mark("eleven"),
    mark("twelve"),
)


def weekday(day: date) -> str:
    """Return "Friday". Not from `strftime`, which speaks the language of the machine."""
    return say(_WEEKDAYS[day.weekday()])


def day_month(day: date) -> str:
    """Return "11 November", for where the year is certain."""
    return say(_DAYS_OF_MONTHS[day.month - 1], day=day.day)


def short_day(day: date) -> str:
    """Return "11 Nov", for subjects."""
    return say(_SHORT_DAYS_OF_MONTHS[day.month - 1], day=day.day)


def plain_day(day: date) -> str:
    """Return "11 November 2022"."""
    return say("{day_and_month} {year}", day_and_month=day_month(day), year=day.year)


def full_day(day: date) -> str:
    """Return "Friday 11 November 2022": the form of every date to act on."""
    return say("{weekday} {day}", weekday=weekday(day), day=plain_day(day))


def month(day: date) -> str:
    """Return "March 2023"."""
    return say("{month} {year}", month=say(_MONTHS[day.month - 1]), year=day.year)


def span(first: date, last: date, *, weekdays: bool = False) -> str:
    """Return "14 October to 11 November 2022", leaving out the month and the year that both ends share.

    With `weekdays`, "Friday 14 October to Friday 11 November 2022". A span of one day is that day.
    """
    whole = full_day if weekdays else plain_day
    if first == last:
        return whole(last)
    if first.year != last.year:
        start = plain_day(first)
    elif first.month != last.month:
        start = day_month(first)
    else:
        start = say("{day}", day=first.day)
    if weekdays:
        start = say("{weekday} {day}", weekday=weekday(first), day=start)
    return say("{first} to {last}", first=start, last=whole(last))


def dates_words(dates: Dates, *, weekdays: bool = False) -> str:
    """Return what is known of `dates`: a day, a range, "March 2023, day not set" or "not set"."""
    if dates.start is not None and dates.precision is Precision.MONTH:
        return say("{month}, day not set", month=month(dates.start))
    return known_words(dates, weekdays=weekdays)


def known_words(dates: Dates, *, weekdays: bool = False) -> str:
    """Return the same, without the remark that a month names no day: "March 2023"."""
    if dates.start is None or dates.precision is Precision.UNKNOWN:
        return say("not set")
    if dates.precision is Precision.MONTH:
        return month(dates.start)
    return span(dates.start, dates.end or dates.start, weekdays=weekdays)


def hour(moment: time) -> str:
    """Return "5pm", "9:14am", "midday" or "midnight"; seconds are dropped.

    A catalogue may say {hour24} for {hour}: 17 for 5pm.
    """
    if (moment.hour, moment.minute) == (0, 0):
        return say("midnight")
    if (moment.hour, moment.minute) == (12, 0):
        return say("midday")
    twelve, minutes = (moment.hour - 1) % 12 + 1, f"{moment.minute:02}"
    if not moment.minute:
        if moment.hour < 12:
            return say("{hour}am", hour=twelve, hour24=moment.hour)
        return say("{hour}pm", hour=twelve, hour24=moment.hour)
    if moment.hour < 12:
        return say("{hour}:{minutes}am", hour=twelve, hour24=moment.hour, minutes=minutes)
    return say("{hour}:{minutes}pm", hour=twelve, hour24=moment.hour, minutes=minutes)


def local(instant: datetime, zone: str) -> datetime:
    """Return the aware `instant` as the clocks of `zone` (an IANA name) show it."""
    return instant.astimezone(ZoneInfo(zone))


def moment(instant: datetime, zone: str, *, weekdays: bool = False) -> str:
    """Return "8:55am on 14 October 2022" (with `weekdays`, "… on Friday 14 October 2022") in `zone`."""
    there = local(instant, zone)
    day = full_day(there.date()) if weekdays else plain_day(there.date())
    return say("{time} on {day}", time=hour(there.time()), day=day)


def count(number: int, noun: str) -> str:
    """Return "1 day", "2 days"; in English alone, for pages and those who run the service."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def days(number: int) -> str:
    """Return "1 day", "2 days"."""
    return say_many("{number} day", "{number} days", number)


def hours(number: int) -> str:
    """Return "1 hour", "48 hours"."""
    return say_many("{number} hour", "{number} hours", number)


def gap(first: date, second: date) -> str:
    """Return how far apart two days are: "8 weeks" where they are whole weeks, else "3 days"."""
    between, weeks = _apart(first, second)
    return say_many("{number} week", "{number} weeks", weeks) if weeks else days(between)


def shift(old: date, new: date) -> str:
    """Return where `new` lies seen from `old`: "8 weeks later", "3 days earlier"."""
    if new >= old:
        return say("{gap} later", gap=gap(old, new))
    return say("{gap} earlier", gap=gap(old, new))


def spelt(number: int) -> str:
    """Return small numbers as words, "two"; from 13 as figures."""
    return say(_SMALL_NUMBERS[number]) if 0 <= number < len(_SMALL_NUMBERS) else str(number)


def spelt_gap(first: date, second: date, kind: str) -> str:
    """Return "two more weeks", "one more day" (`kind` is "more"); with `kind` "less", "two weeks less"."""
    between, weeks = _apart(first, second)
    word = spelt(weeks or between)
    if kind == "more":
        if weeks:
            return say_many("{spelt} more week", "{spelt} more weeks", weeks, spelt=word)
        return say_many("{spelt} more day", "{spelt} more days", between, spelt=word)
    if weeks:
        return say_many("{spelt} week less", "{spelt} weeks less", weeks, spelt=word)
    return say_many("{spelt} day less", "{spelt} days less", between, spelt=word)


def _apart(first: date, second: date) -> tuple[int, int]:
    """Return how many days lie between, and how many weeks if they are whole weeks, else 0."""
    between = abs((second - first).days)
    return between, 0 if between % 7 else between // 7
