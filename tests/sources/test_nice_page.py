"""A project page as plain text: read whole, or refused with its line. The procedure here is invented."""

import contextlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.date_words import say_day
from notifier.procedures.model import MilestoneKind, Precision, Snapshot, Status
from notifier.sources.errors import SourceError
from notifier.sources.nice_page import read_page
from tests.growth import LINEAR, growth

TODAY = date(2024, 2, 1)

PAGE = """\
We were told of this procedure in March 2023 and will look at it. A committee meets on 12 March 2024.
Status In progress
Technology type Procedure
Decision Selected
Process IP
ID number 1900
Description Cold light is shone on a knee. It was first done on 4 May 2019.
Status symbols and Process charts are no part of this description.

A second paragraph.

Provisional Schedule

IPAC 1 14 March 2024
Interventional procedure consultation 18 April 2024 - 16 May 2024
IPAC 2 TBC
Expected publication June 2024

Project Team

Lead Ada Example
Contact ada@example.org

Email enquiries
If you have a question, write to knees@example.org.

For further information on how we work, see our manual of 8 January 2020
"""


def read(text: str) -> Snapshot:
    return read_page(text, name="knee.txt", reference="GID-IPG1", today=TODAY)


def refusal(text: str) -> SourceError:
    with pytest.raises(SourceError) as refused:
        read(text)
    return refused.value


def test_the_facts_of_a_page_are_read() -> None:
    snapshot = read(PAGE)
    facts = snapshot.facts
    assert (facts.status, facts.status_as_written) == (Status.IN_PROGRESS, "In progress")
    assert (facts.technology_type, facts.decision, facts.process) == ("Procedure", "Selected", "IP")
    assert (facts.id_number, facts.email) == ("1900", "knees@example.org")
    assert (snapshot.reference, facts.title, facts.link) == ("GID-IPG1", None, None)


def test_a_description_of_several_lines_is_one_text_with_its_paragraphs() -> None:
    assert read(PAGE).facts.description == (
        "Cold light is shone on a knee. It was first done on 4 May 2019. "
        "Status symbols and Process charts are no part of this description.\n\nA second paragraph."
    )


def test_all_rows_of_the_schedule_are_milestones_and_dates_in_prose_are_none() -> None:
    read_rows = [
        (each.key, each.label, each.kind, each.dates.start, each.dates.end, each.dates.precision)
        for each in read(PAGE).milestones
    ]
    consultation = "Interventional procedure consultation"
    assert read_rows == [
        ("ipac-1", "IPAC 1", MilestoneKind.MEETING, date(2024, 3, 14), None, Precision.DAY),
        (
            "interventional-procedure-consultation",
            consultation,
            MilestoneKind.CONSULTATION,
            date(2024, 4, 18),
            date(2024, 5, 16),
            Precision.DAY,
        ),
        ("ipac-2", "IPAC 2", MilestoneKind.MEETING, None, None, Precision.UNKNOWN),
        (
            "expected-publication",
            "Expected publication",
            MilestoneKind.PUBLICATION,
            date(2024, 6, 1),
            None,
            Precision.MONTH,
        ),
    ]


def test_names_and_addresses_of_a_project_team_are_not_kept() -> None:
    assert "ada" not in repr(read(PAGE.replace("knees@example.org", "us"))).lower()


def test_labels_with_a_colon_or_on_a_line_of_their_own_read_the_same() -> None:
    other = PAGE
    for label in ("Status", "Technology type", "Decision", "Process", "ID number"):
        other = other.replace(f"\n{label} ", f"\n{label}: ", 1)
    other = other.replace("Status: In", "Status:\nIn").replace("IPAC 1 14", "- IPAC 1:\n- 14")
    other = other.replace("IPAC 2 TBC", "IPAC 2\n\nTBC").replace("\n", "\r\n")
    assert read(other) == read(PAGE)


def test_sections_that_are_missing_leave_nothing() -> None:
    facts = read("Provisional Schedule\nIPAC 1 14 March 2024\n").facts
    assert (facts.status, facts.status_as_written, facts.description, facts.email) == (None, None, None, None)
    assert read("Status Proposed\nEmail enquiries\n").milestones == ()


def test_an_unknown_status_is_kept_as_written() -> None:
    facts = read(PAGE.replace("In progress", "Resting for a while")).facts
    assert (facts.status, facts.status_as_written) == (Status.UNKNOWN, "Resting for a while")


def test_older_pages_say_developed_as_and_when_they_were_referred() -> None:
    facts = read("Status In progress\nDeveloped As: CG\nReferral date 4 May 2023\n").facts
    assert (facts.process, facts.referral_date) == ("CG", date(2023, 5, 4))
    assert read("Status In progress\nNotification date May 2023\n").facts.referral_date is None


def test_an_address_may_stand_beside_its_heading() -> None:
    assert read("Status Proposed\nEmail enquiries: <mailto:a@example.org>\n").facts.email == "a@example.org"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "14 March 2024",
            "31 June 2024",
            'knee.txt:14: "31 June 2024" is not a date: June has 30 days; did you mean 30 June 2024?',
        ),
        (
            "IPAC 1 14 March 2024",
            "IPAC 1 14 Setpember 2024",
            'knee.txt:14: "14 Setpember 2024" is not a date: "Setpember" is no month; '
            "did you mean 14 September 2024?",
        ),
        (
            "16 May 2024",
            "16 May 2023",
            'knee.txt:15: "18 April 2024 - 16 May 2023" is not a date: its end, 16 May 2023, '
            "is before its start, 18 April 2024; did you mean 18 April 2024 - 16 May 2024?",
        ),
        (
            "IPAC 2 TBC",
            "IPAC 2 soon",
            'knee.txt:16: "IPAC 2 soon" is not a row of a schedule: a label, then a date, a month or TBC, '
            'such as "IPAC 1 08 September 2022"',
        ),
        (
            "IPAC 2 TBC",
            "IPAC 2\n31 June 2024",
            'knee.txt:17: "31 June 2024" is not a date: June has 30 days; did you mean 30 June 2024?',
        ),
        (
            "IPAC 2 TBC",
            "IPAC 2\nIPAC 3 31 June 2024",
            'knee.txt:16: "IPAC 2" is not a row of a schedule: a label, then a date, a month or TBC, '
            'such as "IPAC 1 08 September 2022"',
        ),
        (
            "Expected publication June 2024",
            "Expected publication",
            'knee.txt:17: "Expected publication" is not a row of a schedule: a label, then a date, '
            'a month or TBC, such as "IPAC 1 08 September 2022"',
        ),
        (
            "Provisional Schedule",
            "Provisional Shedule",
            'knee.txt:12: "Provisional Shedule" is not a heading of a project page; '
            "did you mean Provisional Schedule?",
        ),
        (
            "Decision Selected",
            "Decision Selected\nStatus Suspended",
            'knee.txt:5: "Suspended" is not the only value: line 2 says "In progress"',
        ),
        (
            "ID number 1900",
            "Referral date 30 February 2023",
            'knee.txt:6: "30 February 2023" is not a date: February 2023 has 28 days; '
            "did you mean 28 February 2023?",
        ),
    ],
)
def test_a_mistake_is_said_with_its_line_and_what_was_meant(before: str, after: str, sentence: str) -> None:
    assert before in PAGE
    assert str(refusal(PAGE.replace(before, after))) == sentence


@pytest.mark.parametrize(
    "text", ["", "\n\n", "<!doctype html>\n<title>Not found</title>", "Service unavailable"]
)
def test_a_text_that_is_no_project_page_is_refused(text: str) -> None:
    assert "a NICE project page: it has neither a Status line" in str(refusal(text))


PUBLISHED = Path(__file__).parents[3] / "shared/inputs"


def test_the_page_of_ip1783_as_published_is_read_whole_where_it_is_at_hand() -> None:
    for path in PUBLISHED.glob("ip1783.txt"):  # beside the checkout of those who build this, and nowhere else
        text = path.read_text("utf-8")
        snapshot = read_page(text, name=path.name, reference="GID-IPG10158", today=date(2022, 9, 1))
        facts = snapshot.facts
        assert (facts.status, facts.process, facts.id_number) == (Status.IN_PROGRESS, "IP", "1783")
        assert (facts.decision, facts.technology_type, facts.email) == ("Selected", "Procedure", None)
        assert facts.description is not None
        assert len(facts.description) > 1000
        assert [(each.key, each.kind, each.dates.start, each.dates.end) for each in snapshot.milestones] == [
            ("ipac-1", MilestoneKind.MEETING, date(2022, 9, 8), None),
            (
                "interventional-procedure-consultation",
                MilestoneKind.CONSULTATION,
                date(2022, 10, 14),
                date(2022, 11, 11),
            ),
            ("ipac-2", MilestoneKind.MEETING, date(2023, 1, 12), None),
            ("expected-publication", MilestoneKind.PUBLICATION, date(2023, 3, 29), None),
        ]


LABELS = st.sampled_from(
    ["IPAC 1", "Committee meeting: 2", "Draft guidance: 1", "Expected publication", "Appeal"]
)
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2037, 12, 31))
ROWS = st.lists(st.tuples(LABELS, DAYS, st.none() | st.integers(0, 400)), max_size=8)


@given(ROWS)
def test_a_written_schedule_reads_back_equal(rows: list[tuple[str, date, int | None]]) -> None:
    expected, lines = [], ["Status In progress", "Provisional Schedule"]
    for label, start, length in rows:
        end = None if length is None else min(start + timedelta(days=length), date(2037, 12, 31))
        days = [say_day(day) if day.day > 9 else f"0{say_day(day)}" for day in (start, end) if day]
        lines.append(f"{label} {' - '.join(days)}")
        expected.append((label, start, end))
    milestones = read("\n".join(lines)).milestones
    assert [(each.label, each.dates.start, each.dates.end) for each in milestones] == expected


PIECES = st.sampled_from(
    [*PAGE.splitlines(), "Status", "Description", "TBC", "31 June 2024", "a@b.c", "\x00", "|"]
)


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=9))).map("\n".join)))
def test_any_text_gives_a_snapshot_or_a_source_error(text: str) -> None:
    with contextlib.suppress(SourceError):
        assert read(text).reference == "GID-IPG1"


@pytest.mark.parametrize(
    "piece", ["a@", "Status ", "Status a\n", "IPAC 1 ", "# ", "Provisional Shedul\n", "\n", "a.b\n"]
)
def test_a_hostile_page_takes_no_longer_than_its_length(piece: str) -> None:
    def read_so_much(size: int) -> None:
        with contextlib.suppress(SourceError):
            read("Status In progress\nDescription " + piece * (size // len(piece)))

    assert growth(read_so_much, small=20_000) < LINEAR
