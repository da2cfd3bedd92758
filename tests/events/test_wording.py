"""Dates, hours and titles in words."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.events.titles import SUBJECT_LIMIT, clean, full_title, named, quoted, subject
from notifier.events.wording import (
    dates_words,
    full_day,
    gap,
    hour,
    moment,
    month,
    plain_day,
    shift,
    short_day,
    span,
    spelt_gap,
)
from notifier.procedures.model import Dates, Precision

CLOSING = date(2022, 11, 11)


def test_a_day_has_its_weekday_where_people_act_on_it() -> None:
    assert full_day(CLOSING) == "Friday 11 November 2022"
    assert plain_day(CLOSING) == "11 November 2022"
    assert short_day(CLOSING) == "11 Nov"
    assert month(CLOSING) == "November 2022"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2022, 10, 14), date(2022, 11, 11), "14 October to 11 November 2022"),
        (date(2022, 11, 14), date(2022, 11, 18), "14 to 18 November 2022"),
        (date(2022, 12, 20), date(2023, 1, 14), "20 December 2022 to 14 January 2023"),
        (date(2022, 11, 11), date(2022, 11, 11), "11 November 2022"),
        (date(2022, 11, 11), date(2023, 11, 11), "11 November 2022 to 11 November 2023"),
    ],
)
def test_a_range_says_once_what_both_ends_share(first: date, last: date, words: str) -> None:
    assert span(first, last) == words


def test_a_range_to_act_in_names_both_weekdays() -> None:
    words = span(date(2022, 10, 14), CLOSING, weekdays=True)
    assert words == "Friday 14 October to Friday 11 November 2022"
    assert (
        span(date(2022, 11, 14), date(2022, 11, 18), weekdays=True) == "Monday 14 to Friday 18 November 2022"
    )


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(17), "5pm"),
        (time(9, 14), "9:14am"),
        (time(9, 5, 59), "9:05am"),
        (time(0), "midnight"),
        (time(0, 1), "12:01am"),
        (time(12), "midday"),
        (time(12, 30), "12:30pm"),
        (time(23, 59), "11:59pm"),
    ],
)
def test_hours_are_said_as_people_say_them(at: time, words: str) -> None:
    assert hour(at) == words


def test_an_instant_is_said_in_the_clocks_of_its_zone() -> None:
    summer, winter = datetime(2022, 10, 14, 7, 55, tzinfo=UTC), datetime(2022, 11, 14, 8, 55, tzinfo=UTC)
    assert moment(summer, "Europe/London") == "8:55am on 14 October 2022"
    assert moment(winter, "Europe/London", weekdays=True) == "8:55am on Monday 14 November 2022"


def test_a_distance_is_in_weeks_only_where_they_are_whole() -> None:
    assert shift(date(2023, 3, 29), date(2023, 5, 24)) == "8 weeks later"
    assert shift(date(2023, 3, 29), date(2023, 3, 26)) == "3 days earlier"
    assert shift(date(2023, 3, 29), date(2023, 3, 30)) == "1 day later"
    assert gap(CLOSING, date(2022, 11, 25)) == "2 weeks"
    assert spelt_gap(CLOSING, date(2022, 11, 25), "more") == "two more weeks"
    assert spelt_gap(CLOSING, date(2022, 11, 4), "less") == "one week less"
    assert spelt_gap(CLOSING, date(2022, 11, 27), "more") == "16 more days"


def test_a_month_is_a_date_whose_day_is_not_set() -> None:
    assert dates_words(Dates(start=date(2023, 3, 1), precision=Precision.MONTH)) == "March 2023, day not set"
    assert dates_words(Dates(as_written="TBC")) == "not set"


def test_a_subject_keeps_whole_words_and_ends_with_the_identity() -> None:
    title = "Radiofrequency ablation for palliation of painful spinal metastases"
    made = subject("Comment by 11 Nov", title, "IP1783")
    assert made == "Comment by 11 Nov: Radiofrequency ablation… (IP1783)"


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("MT539 Plus Sutures for preventing infection", "Plus Sutures for preventing infection"),
        ("GID-MT562 Sleepio", "Sleepio"),
        ("Idecabtagene vicleucel [ID2695]", "Idecabtagene vicleucel"),
        ("Idecabtagene vicleucel ID2695", "Idecabtagene vicleucel"),
        ("KTE-X19 for lymphoma", "KTE-X19 for lymphoma"),
        ("eXroid for haemorrhoids", "eXroid for haemorrhoids"),
        ("MTX110 for glioma", "MTX110 for glioma"),
    ],
)
def test_a_subject_has_no_code_twice_and_is_never_recased(title: str, cleaned: str) -> None:
    assert subject("X", title, "ID1") == f"X: {cleaned} (ID1)"


def test_a_lead_without_room_for_a_title_stands_with_the_identity_alone() -> None:
    lead = "Technology appraisal consultation listed for today"
    assert subject(lead, "Idecabtagene vicleucel", "ID2695") == f"{lead} (ID2695)"
    endless = subject("Word " * 30, "Title", "IP1783")
    assert len(endless) <= SUBJECT_LIMIT
    assert endless.endswith("Word… (IP1783)")


def test_a_title_of_one_endless_word_is_cut_within() -> None:
    made = subject("Published", "a" * 200, "IP1783")
    assert len(made) == SUBJECT_LIMIT
    assert made.endswith("a… (IP1783)")


def test_a_title_is_quoted_with_its_identity_once() -> None:
    assert quoted("Idecabtagene vicleucel [ID2695]", "ID2695") == "“Idecabtagene vicleucel” (ID2695)"
    assert full_title("Idecabtagene vicleucel [ID2695]", "TA900") == "Idecabtagene vicleucel [ID2695]"
    assert quoted("IP1783", "IP1783") == "IP1783"
    assert named("Peroral endoscopic myotomy ", "IP1") == "Peroral endoscopic myotomy (IP1)"


@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=200), st.text(max_size=80))
def test_no_subject_is_longer_than_a_list_shows_or_can_break_a_header(
    lead: str, title: str, shown: str
) -> None:
    made = subject(lead, title, shown)
    assert len(made) <= SUBJECT_LIMIT
    assert not set(made) & set("\r\n\x00\u2028")


def test_what_cannot_be_shown_or_means_something_to_a_format_is_dropped() -> None:
    assert clean("a\r\nb\tc\u2028d") == "a b c d"
    assert clean("a\x00b\ufdd0c\ufdd1d\ufffee\u202ef\ud800g\x7f") == "abcdefg"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


@given(st.text(st.characters()))
def test_cleaning_twice_changes_nothing_more_and_leaves_what_can_be_encoded(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\ufdd0" not in once
    once.encode()
