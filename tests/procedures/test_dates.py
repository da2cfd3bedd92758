"""Dates as bodies write them, and the refusals that keep a false day from being announced."""

import contextlib
from datetime import date
from datetime import time as hour

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.date_words import MONTHS, DateError, read_time
from notifier.procedures.dates import read_dates, says_unset, split_row
from notifier.procedures.model import Precision

TODAY = date(2022, 9, 1)

SINGLE_DAYS = [
    ("08 September 2022", date(2022, 9, 8)),
    ("8 September 2022", date(2022, 9, 8)),
    ("8th September 2022", date(2022, 9, 8)),
    ("8 sept 2022", date(2022, 9, 8)),
    ("8 Sep. 2022.", date(2022, 9, 8)),
    ("08\u00a0September\u00a02022", date(2022, 9, 8)),
    ("08 September\n 2022", date(2022, 9, 8)),
    ("08 September<br>2022", date(2022, 9, 8)),
    ("08&nbsp;September&nbsp;2022", date(2022, 9, 8)),
    ("8th of September 2022", date(2022, 9, 8)),
    ("Thursday, 8 September 2022", date(2022, 9, 8)),
    ("**8 September 2022**", date(2022, 9, 8)),
    ("29 February 2024", date(2024, 2, 29)),
    ("1 January 1990", date(1990, 1, 1)),
    ("31 December 2037", date(2037, 12, 31)),
    ("29 Sept 08", date(2008, 9, 29)),
    ("1 June 99", date(1999, 6, 1)),
    ("1 June 37", date(2037, 6, 1)),
]

RANGES = [
    ("14 October 2022 - 11 November 2022", date(2022, 10, 14), date(2022, 11, 11)),
    ("14 October 2022 – 11 November 2022", date(2022, 10, 14), date(2022, 11, 11)),
    ("14 October 2022—11 November 2022", date(2022, 10, 14), date(2022, 11, 11)),
    ("14 October 2022 to 11 November 2022", date(2022, 10, 14), date(2022, 11, 11)),
    ("20 December 2022 - 17 January 2023", date(2022, 12, 20), date(2023, 1, 17)),
    ("14 October\n2022 - 11 November 2022", date(2022, 10, 14), date(2022, 11, 11)),
    ("26 February - 26 March 2007", date(2007, 2, 26), date(2007, 3, 26)),
    ("20 December - 17 January 2023", date(2022, 12, 20), date(2023, 1, 17)),
    ("29 Sept 08 – 24 Nov 08", date(2008, 9, 29), date(2008, 11, 24)),
    ("14 - 28 October 2022", date(2022, 10, 14), date(2022, 10, 28)),
    ("14 October 2022 - 14 October 2022", date(2022, 10, 14), date(2022, 10, 14)),
]

UNSET = [
    "TBC",
    "tbc",
    "**TBC**",
    "<strong>TBC</strong>",
    '<strong class="date">TBC</strong>',
    "*TBC*",
    "__TBC__",
    "TBC<br/>",
    "To be confirmed",
    "date to be announced",
    "Spring 2023",
]

REFUSED = [
    ("31 June 2022", "June has 30 days", "30 June 2022"),
    ("29 February 2023", "February 2023 has 28 days", "28 February 2023"),
    ("00 March 2023", "March has 31 days", "1 March 2023"),
    ("04 February 20", "it is cut off before the end of its year", "4 February 2023"),
    ("04 February 202", "it is cut off before the end of its year", "4 February 2023"),
    ("04 February", "it is cut off before the end of its year", "4 February 2023"),
    ("04 February 20222", "a year has four digits", None),
    ("12 Setpember 2022", '"Setpember" is no month', "12 September 2022"),
    ("31 Setpember 2022", '"Setpember" is no month', "30 September 2022"),
    ("March 2023 - January 2023", "its end is before its start", None),
    ("Setpember 2022", '"Setpember" is no month', "September 2022"),
    ("Friday 8 September 2022", "that day is a Thursday", "Thursday 8 September 2022"),
    (
        "14 October 2022 - 11 November 2021",
        "its end, 11 November 2021, is before its start, 14 October 2022",
        "14 October 2022 - 11 November 2022",
    ),
    (
        "12 December 2022 - 9 January 2022",
        "its end, 9 January 2022, is before its start, 12 December 2022",
        "12 December 2022 - 9 January 2023",
    ),
    (
        "14 November - 11 October 2022",
        "its end, 11 October 2022, is before its start, 14 November 2022",
        "11 October 2022 - 14 November 2022",
    ),
    (
        "11 November 2022 - 14 October 2022",
        "its end, 14 October 2022, is before its start, 11 November 2022",
        "14 October 2022 - 11 November 2022",
    ),
    (
        "1 August 2022 - 20 February 2022",
        "its end, 20 February 2022, is before its start, 1 August 2022",
        "20 February 2022 - 1 August 2022",
    ),
    (
        "1 September 2022 - 1 March 2022",
        "its end, 1 March 2022, is before its start, 1 September 2022",
        "1 September 2022 - 1 March 2023",
    ),
    (
        "20 September 2022 - 21 March 2022",
        "its end, 21 March 2022, is before its start, 20 September 2022",
        "21 March 2022 - 20 September 2022 or 20 September 2022 - 21 March 2023",
    ),
]


@pytest.mark.parametrize(("text", "day"), SINGLE_DAYS)
def test_a_single_day_is_read_however_it_is_written(text: str, day: date) -> None:
    dates = read_dates(text, today=TODAY)
    assert (dates.start, dates.end, dates.precision) == (day, None, Precision.DAY)


@pytest.mark.parametrize(("text", "start", "end"), RANGES)
def test_a_range_keeps_both_its_days_also_over_new_year(text: str, start: date, end: date) -> None:
    dates = read_dates(text, today=TODAY)
    assert (dates.start, dates.end, dates.precision) == (start, end, Precision.DAY)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("March 2023", 3),
        ("Sept 2023", 9),
        ("early March 2023", 3),
        ("mid-March 2023", 3),
        ("end of May 2023", 5),
    ],
)
def test_a_month_is_kept_as_its_first_day_and_as_a_month(text: str, start: int) -> None:
    dates = read_dates(text, today=TODAY)
    assert (dates.start, dates.end, dates.precision) == (date(2023, start, 1), None, Precision.MONTH)


@pytest.mark.parametrize(
    "text", ["December - January 2023", "December 2022 - January 2023", "Dec to Jan 2023"]
)
def test_a_range_of_months_stays_months(text: str) -> None:
    dates = read_dates(text, today=TODAY)
    assert (dates.start, dates.end, dates.precision) == (date(2022, 12, 1), date(2023, 1, 1), Precision.MONTH)


@pytest.mark.parametrize("text", UNSET)
def test_a_date_that_is_not_set_is_unknown_and_its_row_is_a_row(text: str) -> None:
    assert says_unset(text)
    assert read_dates(text, today=TODAY).precision is Precision.UNKNOWN
    split = split_row(f"Expected publication {text}", today=TODAY)
    assert split is not None
    assert (split[0], split[1].precision) == ("Expected publication", Precision.UNKNOWN)


def test_a_date_that_is_still_to_be_confirmed_is_unknown_and_shown_whole() -> None:
    split = split_row("Expected publication 29 March 2023 (TBC)", today=TODAY)
    assert split is not None
    assert (split[0], split[1].start, split[1].as_written) == (
        "Expected publication",
        None,
        "29 March 2023 (TBC)",
    )


@pytest.mark.parametrize(
    "text",
    [
        "1 January 0001",
        "31 December 1989",
        "1 January 2038",
        "May 0000",
        "May 0000 - June 2023",
        "14 October 2022 - 1 May 2099",
    ],
)
def test_a_year_that_cannot_be_is_unknown(text: str) -> None:
    dates = read_dates(text, today=TODAY)
    assert (dates.start, dates.precision, dates.as_written) == (None, Precision.UNKNOWN, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "w/c 8 March 2022",
        "week commencing 8 March 2022",
        "around 8 March 2022",
        "08/09/2022",
        "2022-09-08",
        "12 parrots 2022",
    ],
)
def test_other_text_stays_text(text: str) -> None:
    dates = read_dates(text, today=TODAY)
    assert (dates.start, dates.precision, dates.as_written) == (None, Precision.UNKNOWN, text)


@pytest.mark.parametrize(("text", "reason", "probably"), REFUSED)
def test_what_looks_like_a_date_and_is_none_is_refused(text: str, reason: str, probably: str | None) -> None:
    for read in (lambda: read_dates(text, today=TODAY), lambda: split_row(f"Appeal {text}", today=TODAY)):
        with pytest.raises(DateError) as refused:
            read()
        assert (refused.value.reason, refused.value.probably) == (reason, probably)


@pytest.mark.parametrize(
    ("text", "closes_at"),
    [
        ("12 March 2012 (14:00)", hour(14)),
        ("12 March 2012 at 5pm", hour(17)),
        ("14 October 2022 - 11 November 2022, 5.30pm", hour(17, 30)),
        ("14 October 2022 (09:00) - 11 November 2022 (17:00)", hour(17)),
        ("14 October 2022 - 11 November 2022", None),
    ],
)
def test_a_stated_time_is_that_of_the_end(text: str, closes_at: hour | None) -> None:
    assert read_dates(text, today=TODAY).closes_at == closes_at


@pytest.mark.parametrize(
    ("text", "read"), [("17:00", hour(17)), ("12am", hour(0)), ("12.15 pm", hour(12, 15))]
)
def test_times_of_day(text: str, read: hour) -> None:
    assert read_time(text) == read


@pytest.mark.parametrize("text", ["25:00", "17:60", "13pm", "0am", "5", "", "noon"])
def test_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(DateError):
        read_time(text)


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2037, 12, 31))
LABELS = st.sampled_from(
    ["IPAC 1", "Committee meeting: 2", "Draft guidance: 1", "Expected publication", "Appeal"]
)
PIECES = st.sampled_from(
    [*MONTHS, "Sept", "Setpember", "TBC", " ", " ", "\u00a0", "-", "–", ":", "|", "(14:00)", "at"]
)
SCRAPS = st.lists(st.one_of(PIECES, st.integers(0, 2100).map(str), st.text(max_size=3)), max_size=14).map(
    "".join
)


@given(
    DAYS,
    st.sampled_from(["{0.day} {1} {0.year}", "{0.day:02} {1} {0.year}", "{0.day:02}\u00a0{1}  {0.year}"]),
    LABELS,
)
def test_a_written_day_reads_back_equal(day: date, form: str, label: str) -> None:
    text = form.format(day, MONTHS[day.month - 1])
    assert read_dates(text, today=TODAY).start == day
    padded = f"{day.day:02} {MONTHS[day.month - 1]} {day.year}"
    split = split_row(f"{label} {padded}", today=TODAY)
    assert split is not None
    assert (split[0], split[1].start) == (label, day)


@given(DAYS, DAYS, st.sampled_from([" - ", " – ", "-", " to "]), LABELS)
def test_a_written_range_reads_back_equal_or_is_refused(
    one: date, other: date, dash: str, label: str
) -> None:
    start, end = min(one, other), max(one, other)
    first, last = (f"{day.day:02} {MONTHS[day.month - 1]} {day.year}" for day in (start, end))
    split = split_row(f"{label} {first}{dash}{last}", today=TODAY)
    assert split is not None
    assert (split[0], split[1].start, split[1].end) == (label, start, end)
    if start != end:
        with pytest.raises(DateError):
            read_dates(f"{last}{dash}{first}", today=TODAY)


@given(st.one_of(st.text(), SCRAPS), DAYS)
def test_any_text_gives_a_result_or_a_date_error(text: str, today: date) -> None:
    for read in (read_dates, split_row):
        with contextlib.suppress(DateError):
            read(text, today=today)
