"""Which dates of a procedure come into a calendar, under which lasting names, in which words."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from notifier.feeds.calendar import CalendarEntry, CalendarView, EntryStatus, render_calendar
from notifier.feeds.calendar_entries import Provenance, entries_of
from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Status,
)

HOST = "alerts.example.org"
PAGE = "https://alerts.example.org/procedures/GID-IPG10158"
LISTED = datetime(2022, 9, 1, 8, tzinfo=UTC)
MOVED = datetime(2022, 10, 3, 8, tzinfo=UTC)
NOTE = "This service is not run by the body. Dates are provisional."
USUALLY = "Comments usually close at 5pm."


def on(start: date, end: date | None = None, *, closes_at: time | None = None, written: str = "") -> Dates:
    return Dates(start=start, end=end, precision=Precision.DAY, closes_at=closes_at, as_written=written)


MEETING = Milestone(key="ipac-1", label="IPAC 1", kind=MilestoneKind.MEETING, dates=on(date(2022, 9, 8)))
CONSULTATION = Milestone(
    key="consultation",
    label="Interventional procedure consultation",
    kind=MilestoneKind.CONSULTATION,
    dates=on(date(2022, 10, 14), date(2022, 11, 11), written="14 October 2022 - 11 November 2022"),
    revision=3,
)
WINDOW = Milestone(
    key="appeal",
    label="Appeal period",
    kind=MilestoneKind.WINDOW,
    dates=on(date(2023, 2, 1), date(2023, 2, 15)),
)
PUBLICATION = Milestone(
    key="publication",
    label="Expected publication",
    kind=MilestoneKind.PUBLICATION,
    dates=on(date(2023, 3, 29)),
)


def procedure(
    *milestones: Milestone, status: Status = Status.IN_PROGRESS, word: str | None = None
) -> Procedure:
    return Procedure(
        id=1,
        slug="GID-IPG10158",
        references=("GID-IPG10158",),
        facts=Facts(
            title="Ablation for spinal metastases",
            process="IP",
            id_number="1783",
            status=status,
            status_as_written=word,
        ),
        milestones=milestones or (PUBLICATION, CONSULTATION, MEETING),
    )


def entries(subject: Procedure) -> tuple[CalendarEntry, ...]:
    return entries_of(
        subject,
        host=HOST,
        page_url=PAGE,
        zone=ZoneInfo("Europe/London"),
        changed_at={"consultation": MOVED},
        default=LISTED,
        provenance=Provenance(note=NOTE, usual_closing=USUALLY),
    )


def summaries(subject: Procedure) -> list[str]:
    return [entry.summary for entry in entries(subject)]


def test_a_schedule_gives_its_days_in_order_and_a_consultation_gives_two() -> None:
    assert [(entry.day, entry.summary) for entry in entries(procedure())] == [
        (date(2022, 9, 8), "IPAC 1: Ablation for spinal metastases (IP1783)"),
        (date(2022, 10, 14), "Opens: comments on Ablation for spinal metastases (IP1783)"),
        (date(2022, 11, 11), "Closes: comments on Ablation for spinal metastases (IP1783)"),
        (date(2023, 3, 29), "Publication expected: Ablation for spinal metastases (IP1783)"),
    ]


def test_a_window_opens_and_ends_under_its_own_label() -> None:
    assert summaries(procedure(WINDOW)) == [
        "Opens: Appeal period, Ablation for spinal metastases (IP1783)",
        "Ends: Appeal period, Ablation for spinal metastases (IP1783)",
    ]


def test_a_title_that_holds_the_identity_does_not_say_it_twice() -> None:
    untitled = replace(procedure(MEETING), facts=Facts(status=Status.IN_PROGRESS))
    assert summaries(untitled) == ["IPAC 1: GID-IPG10158"]


def test_names_come_from_reference_milestone_and_edge() -> None:
    assert [entry.uid for entry in entries(procedure())] == [
        "GID-IPG10158.ipac-1.day@alerts.example.org",
        "GID-IPG10158.consultation.opens@alerts.example.org",
        "GID-IPG10158.consultation.closes@alerts.example.org",
        "GID-IPG10158.publication.day@alerts.example.org",
    ]


def test_a_moved_date_keeps_its_name_and_is_a_newer_version() -> None:
    moved = replace(CONSULTATION, dates=on(date(2022, 10, 21), date(2022, 11, 18)), revision=4)
    before, after = entries(procedure(CONSULTATION)), entries(procedure(moved))
    assert [entry.uid for entry in after] == [entry.uid for entry in before]
    assert [entry.sequence for entry in (*before, *after)] == [3, 3, 4, 4]
    assert [entry.day for entry in after] == [date(2022, 10, 21), date(2022, 11, 18)]


def test_a_dot_in_a_key_cannot_make_two_names_one() -> None:
    odd = replace(procedure(replace(MEETING, key="b.c"), replace(MEETING, key="b/c d")), slug="A")
    assert [entry.uid for entry in entries(odd)] == [
        "A.b%2Ec.day@alerts.example.org",
        "A.b%2Fc%20d.day@alerts.example.org",
    ]


def test_the_stamp_is_the_milestones_change_or_the_default() -> None:
    stamps = {entry.uid.split(".")[1]: entry.stamp for entry in entries(procedure())}
    assert stamps == {"ipac-1": LISTED, "consultation": MOVED, "publication": LISTED}


def test_a_stated_time_makes_the_closing_an_instant_of_its_zone_and_nothing_else() -> None:
    timed = replace(CONSULTATION, dates=on(date(2022, 10, 14), date(2022, 10, 28), closes_at=time(17)))
    opens, closes = entries(procedure(timed))
    assert opens.at is None
    assert closes.at is not None
    assert closes.at.astimezone(UTC) == datetime(2022, 10, 28, 16, tzinfo=UTC)


def test_the_usual_hour_is_told_only_at_a_closing_without_a_stated_time() -> None:
    timed = replace(CONSULTATION, dates=replace(CONSULTATION.dates, closes_at=time(17)))
    assert [USUALLY in e.description for e in entries(procedure())] == [False, False, True, False]
    assert not any(USUALLY in e.description for e in entries(procedure(timed)))


def test_a_description_quotes_the_schedule_and_ends_with_who_says_so() -> None:
    opens = entries(procedure(CONSULTATION))[0]
    assert opens.description.split("\n") == [
        "Listed as: Interventional procedure consultation, 14 October 2022 - 11 November 2022",
        NOTE,
    ]
    assert opens.url == PAGE


@pytest.mark.parametrize("precision", [Precision.MONTH, Precision.UNKNOWN])
def test_a_month_or_an_unknown_date_is_absent(precision: Precision) -> None:
    vague = replace(PUBLICATION, dates=Dates(start=date(2023, 3, 1), precision=precision))
    assert entries(procedure(vague, MEETING)) == entries(procedure(MEETING))


@pytest.mark.parametrize(
    ("dates", "leads"),
    [
        (Dates(start=date(2022, 10, 14), precision=Precision.DAY), ["Opens:"]),
        (Dates(end=date(2022, 11, 11), precision=Precision.DAY), ["Closes:"]),
        (Dates(precision=Precision.DAY), []),
    ],
)
def test_of_a_range_only_the_known_ends_are_entered(dates: Dates, leads: list[str]) -> None:
    found = summaries(procedure(replace(CONSULTATION, dates=dates)))
    assert [summary.split()[0] for summary in found] == leads


def test_a_meeting_without_a_day_is_absent() -> None:
    assert entries(procedure(replace(MEETING, dates=Dates(precision=Precision.DAY)))) == ()


def test_a_draft_has_no_entries() -> None:
    assert entries(replace(procedure(), draft=True)) == ()


def test_dates_to_come_are_tentative_and_what_was_seen_is_confirmed() -> None:
    seen = replace(PUBLICATION, state=MilestoneState.REACHED)
    found = entries(procedure(MEETING, seen))
    assert [entry.status for entry in found] == [EntryStatus.TENTATIVE, EntryStatus.CONFIRMED]
    assert found[1].summary == "Published: Ablation for spinal metastases (IP1783)"


def test_a_withdrawn_date_stays_and_is_cancelled() -> None:
    (entry,) = entries(procedure(replace(PUBLICATION, state=MilestoneState.WITHDRAWN)))
    assert entry.status is EntryStatus.CANCELLED
    assert entry.summary == "Removed. Publication expected: Ablation for spinal metastases (IP1783)"
    assert "This date was removed from the schedule." in entry.description


@pytest.mark.parametrize(
    ("status", "word", "said", "written"),
    [
        (Status.SUSPENDED, "Suspended", "Does not count now (Suspended).", EntryStatus.TENTATIVE),
        (
            Status.IMPACTED_BY_COVID_19,
            None,
            "Does not count now (impacted by covid 19).",
            EntryStatus.TENTATIVE,
        ),
        (Status.UNKNOWN, "Parked", "Does not count now (Parked).", EntryStatus.TENTATIVE),
        (Status.UNKNOWN, None, "Does not count now (status not known).", EntryStatus.TENTATIVE),
        (Status.COMPLETE, "Complete", "No longer counts (Complete).", EntryStatus.TENTATIVE),
        (Status.DISCONTINUED, "Discontinued", "No longer counts (Discontinued).", EntryStatus.CANCELLED),
    ],
)
def test_dates_of_a_procedure_that_is_not_running_say_first_that_they_do_not_count(
    status: Status, word: str | None, said: str, written: EntryStatus
) -> None:
    for entry in entries(procedure(status=status, word=word)):
        assert entry.summary.startswith(f"{said} ")
        assert "Dates do not count while that is so." in entry.description
        assert USUALLY not in entry.description
        assert entry.status is written


@pytest.mark.parametrize("status", [status for status in Status if status.running])
def test_dates_of_every_running_status_count(status: Status) -> None:
    assert not any("count" in summary for summary in summaries(procedure(status=status)))


def test_what_happened_before_a_suspension_stays_but_its_closing_no_longer_counts() -> None:
    opened = replace(CONSULTATION, state=MilestoneState.REACHED)
    opens, closes = entries(procedure(opened, status=Status.SUSPENDED))
    assert (opens.summary.split()[0], opens.status) == ("Opens:", EntryStatus.CONFIRMED)
    assert (closes.summary.split()[0], closes.status) == ("Does", EntryStatus.TENTATIVE)


def test_a_consultation_that_was_seen_is_history_once_all_is_complete() -> None:
    opened = replace(CONSULTATION, state=MilestoneState.REACHED)
    assert [e.status for e in entries(procedure(opened, status=Status.COMPLETE))] == [
        EntryStatus.CONFIRMED
    ] * 2


def test_a_whole_schedule_reads_back_as_a_calendar() -> None:
    view = CalendarView(id="x", name="x", description="x", url=PAGE, entries=entries(procedure()))
    events = Calendar.from_ical(render_calendar(view)).walk("VEVENT")
    assert [event.decoded("DTSTART") for event in events] == [e.day for e in view.entries]
    assert len({event["UID"] for event in events}) == 4
