"""Dates and hours in words. Pure: the same dates always give the same words.

Dates are said in full, as in "Friday 11 November 2022"; a range says its month and year once where both ends
share them. Nothing here knows today, so nothing here can say "tomorrow".
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from notifier.procedures.model import Dates, Precision

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SMALL_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def weekday(day: date) -> str:
    """Return "Friday". Not from `strftime`, which speaks the language of the machine."""
    return _WEEKDAYS[day.weekday()]


def day_month(day: date) -> str:
    """Return "11 November", for where the year is certain."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def short_day(day: date) -> str:
    """Return "11 Nov", for subjects."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def plain_day(day: date) -> str:
    """Return "11 November 2022"."""
    return f"{day_month(day)} {day.year}"


def full_day(day: date) -> str:
    """Return "Friday 11 November 2022": the form of every date to act on."""
    return f"{weekday(day)} {plain_day(day)}"


def month(day: date) -> str:
    """Return "March 2023"."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


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
        start = str(first.day)
    prefix = f"{weekday(first)} " if weekdays else ""
    return f"{prefix}{start} to {whole(last)}"


def dates_words(dates: Dates, *, weekdays: bool = False) -> str:
    """Return what is known of `dates`: a day, a range, "March 2023, day not set" or "not set"."""
    if dates.start is None or dates.precision is Precision.UNKNOWN:
        return "not set"
    if dates.precision is Precision.MONTH:
        return f"{month(dates.start)}, day not set"
    return span(dates.start, dates.end or dates.start, weekdays=weekdays)


def hour(moment: time) -> str:
    """Return "5pm", "9:14am", "midday" or "midnight"; seconds are dropped."""
    if (moment.hour, moment.minute) == (0, 0):
        return "midnight"
    if (moment.hour, moment.minute) == (12, 0):
        return "midday"
    half = "am" if moment.hour < 12 else "pm"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{(moment.hour - 1) % 12 + 1}{minutes}{half}"


def local(instant: datetime, zone: str) -> datetime:
    """Return the aware `instant` as the clocks of `zone` (an IANA name) show it."""
    return instant.astimezone(ZoneInfo(zone))


def moment(instant: datetime, zone: str, *, weekdays: bool = False) -> str:
    """Return "8:55am on 14 October 2022" (with `weekdays`, "… on Friday 14 October 2022") in `zone`."""
    there = local(instant, zone)
    day = full_day(there.date()) if weekdays else plain_day(there.date())
    return f"{hour(there.time())} on {day}"


def count(number: int, noun: str) -> str:
    """Return "1 day", "2 days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def gap(first: date, second: date) -> str:
    """Return how far apart two days are: "8 weeks" where they are whole weeks, else "3 days"."""
    days = abs((second - first).days)
    return count(days // 7, "week") if days and days % 7 == 0 else count(days, "day")


def shift(old: date, new: date) -> str:
    """Return where `new` lies seen from `old`: "8 weeks later", "3 days earlier"."""
    return f"{gap(old, new)} {'later' if new >= old else 'earlier'}"


def spelt(number: int) -> str:
    """Return small numbers as words, "two"; from 13 as figures."""
    return _SMALL_NUMBERS[number] if 0 <= number < len(_SMALL_NUMBERS) else str(number)


def spelt_gap(first: date, second: date, kind: str) -> str:
    """Return "two more weeks", "one more day" (`kind` is "more"); with `kind` "less", "two weeks less"."""
    number, noun = gap(first, second).split(" ")
    word = spelt(int(number))
    return f"{word} more {noun}" if kind == "more" else f"{word} {noun} less"
