"""The calendar as programs read it: RFC 5545 in every line, the same bytes for the same view."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from notifier.feeds.calendar import CalendarEntry, CalendarView, EntryStatus, render_calendar
from notifier.feeds.characters import cleaned, one_line

ANY_TEXT = st.text(st.characters(exclude_categories=()))

CLOSES = CalendarEntry(
    uid="GID-IPG10158.consultation.closes@alerts.example.org",
    summary="Closes: comments on ablation, vertebroplasty; more (IP1783)",
    description="Listed as: consultation\nDates are provisional; they can change.",
    url="https://alerts.example.org/procedures/GID-IPG10158",
    day=date(2022, 11, 11),
    sequence=2,
    status=EntryStatus.TENTATIVE,
    stamp=datetime(2022, 10, 1, 9, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=1))),
)
VIEW = CalendarView(
    id="tag:alerts.example.org,2022:calendar/GID-IPG10158",
    name="IP1783, dates",
    description="Dates of IP1783\nas they come",
    url="https://alerts.example.org/procedures/GID-IPG10158",
    entries=(CLOSES,),
)


def read(view: CalendarView) -> tuple[Any, list[Any]]:
    calendar = Calendar.from_ical(render_calendar(view))
    return calendar, calendar.walk("VEVENT")


def lines(view: CalendarView) -> list[str]:
    """Unfold the content lines (RFC 5545 §3.1)."""
    return render_calendar(view).decode().replace("\r\n ", "").split("\r\n")


def test_a_day_is_a_date_that_ends_before_the_next() -> None:
    assert "DTSTART;VALUE=DATE:20221111" in lines(VIEW)
    assert "DTEND;VALUE=DATE:20221112" in lines(VIEW)


def test_a_stated_time_is_an_instant_in_utc_without_an_end() -> None:
    at = datetime(2022, 11, 11, 18, tzinfo=timezone(timedelta(hours=1)))
    found = lines(replace(VIEW, entries=(replace(CLOSES, at=at),)))
    assert "DTSTART:20221111T170000Z" in found
    assert not [line for line in found if line.startswith("DTEND")]


def test_an_entry_carries_its_version_and_the_instant_it_came_to_be() -> None:
    found = lines(VIEW)
    assert "SEQUENCE:2" in found
    assert "DTSTAMP:20221001T083000Z" in found
    assert found.count("LAST-MODIFIED:20221001T083000Z") == 2


def test_an_entry_blocks_nobodys_time() -> None:
    assert "TRANSP:TRANSPARENT" in lines(VIEW)


@pytest.mark.parametrize("status", EntryStatus)
def test_the_status_is_written_as_the_rfc_spells_it(status: EntryStatus) -> None:
    assert f"STATUS:{status.name}" in lines(replace(VIEW, entries=(replace(CLOSES, status=status),)))


def test_the_calendar_says_how_often_to_look_in_both_dialects() -> None:
    found = lines(VIEW)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in found
    assert "X-PUBLISHED-TTL:PT1H" in found


def test_the_calendar_is_no_invitation() -> None:
    assert not [line for line in lines(VIEW) if line.startswith(("METHOD", "ORGANIZER", "ATTENDEE"))]


def test_commas_semicolons_and_line_ends_are_escaped_and_come_back() -> None:
    assert "SUMMARY:Closes: comments on ablation\\, vertebroplasty\\; more (IP1783)" in lines(VIEW)
    calendar, (event,) = read(VIEW)
    assert event["SUMMARY"] == CLOSES.summary
    assert event["DESCRIPTION"] == CLOSES.description
    assert calendar["DESCRIPTION"] == VIEW.description


def test_name_and_description_of_the_calendar_are_escaped_in_both_dialects() -> None:
    found = lines(VIEW)
    assert "NAME:IP1783\\, dates" in found
    assert "X-WR-CALNAME:IP1783\\, dates" in found
    assert "X-WR-CALDESC:Dates of IP1783\\nas they come" in found


def test_no_line_is_longer_than_75_octets() -> None:
    wide = replace(VIEW, entries=(replace(CLOSES, summary="é𝄞" * 100),))
    assert max(map(len, render_calendar(wide).split(b"\r\n"))) <= 75


def test_an_address_cannot_begin_a_line_of_its_own() -> None:
    found = lines(replace(VIEW, entries=(replace(CLOSES, url="https://a.example/\r\nMETHOD:REQUEST"),)))
    assert "METHOD:REQUEST" not in found


def test_a_calendar_without_entries_is_still_a_calendar() -> None:
    calendar, events = read(replace(VIEW, entries=()))
    assert (calendar["UID"], events) == (VIEW.id, [])


def test_the_same_view_gives_the_same_bytes_whenever_it_is_rendered(time_machine: Any) -> None:
    time_machine.move_to(datetime(2022, 10, 14, 9, tzinfo=UTC))
    first = render_calendar(VIEW)
    time_machine.move_to(datetime(2031, 1, 1, tzinfo=UTC))
    assert render_calendar(VIEW) == first


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        replace(CLOSES, stamp=datetime(2022, 10, 1))  # noqa: DTZ001 - it is the error
    with pytest.raises(ValueError, match="without a zone"):
        replace(CLOSES, at=datetime(2022, 11, 11, 17))  # noqa: DTZ001 - it is the error


@example(text="a\rb\x00\ud800\u2028c")
@given(text=ANY_TEXT.filter(lambda text: "\\N" not in text))
def test_whatever_the_words_are_they_come_back(text: str) -> None:
    """All but a backslash before an N, which icalendar takes for a line end."""
    entry = replace(CLOSES, summary=text, description=text)
    calendar, (event,) = read(replace(VIEW, name=text, description=text, entries=(entry,)))
    assert event["SUMMARY"] == one_line(text)
    assert event["DESCRIPTION"] == calendar["DESCRIPTION"] == cleaned(text)
