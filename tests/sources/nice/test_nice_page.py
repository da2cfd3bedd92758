"""A project page as plain text: read whole, or refused with its line. The procedure here is invented."""

import contextlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.date_words import say_day
from notifier.procedures.model import MilestoneKind, Precision, Snapshot, Status
from notifier.sources.errors import SourceError
from notifier.sources.nice.page import read_page
from notifier.sources.nice.page_timeline import date_at_start
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
    "text", ["", "\n\n", "<!doctype html>\n<title>Not found</title></html>", "Service unavailable"]
)
def test_a_text_that_is_no_project_page_is_refused(text: str) -> None:
    assert "a NICE project page: it has neither a Status line" in str(refusal(text))


@pytest.mark.parametrize(
    ("page", "address", "reference"),
    [
        ("Cold light\nGID-IPG90001\n\nStatus In progress", None, "GID-IPG90001"),
        ("# Cold light\n\nIn development [gid-ipg90001]\n\nStatus: Proposed", None, "GID-IPG90001"),
        ("Cold light [GID-IPG90001]\n\nStatus: Proposed", None, "GID-IPG90001"),
        ("Reference: GID-IPG90001\nStatus: Proposed", None, "GID-IPG90001"),
        (
            "Source: https://nice.example/guidance/indevelopment/gid-ipg90001\nStatus: Proposed",
            None,
            "GID-IPG90001",
        ),
        ("Status Proposed", "https://nice.example/guidance/indevelopment/gid-ipg90001/", "GID-IPG90001"),
        ("It follows GID-TA1, now closed.\nStatus Proposed", "/indevelopment/gid-ipg2", "GID-IPG2"),
    ],
)
def test_a_reference_that_is_not_given_is_that_of_the_page_or_its_address(
    page: str, address: str | None, reference: str
) -> None:
    snapshot = read_page(page, name="knee.txt", reference=None, today=TODAY, address=address)
    assert (snapshot.reference, snapshot.facts.link) == (reference, address)


def test_a_page_without_a_reference_asks_for_one() -> None:
    with pytest.raises(SourceError, match="give it with --reference"):
        read_page(PAGE, name="knee.txt", reference=None, today=TODAY)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("# Cold light\n\nStatus Proposed", "Cold light"),
        ("Cold light\n==========\n\nStatus Proposed", "Cold light"),
        ("Cold light\nIn development [GID-IPG1]\nStatus Proposed", "Cold light"),
        ("Cold light [ID375]\n\nWe look at it.\nStatus Proposed", "Cold light [ID375]"),
        ("Title: Cold light\nStatus Proposed", "Cold light"),
        ("We look at it.\n\nStatus Proposed", None),
        ("We look at it\nStatus Proposed", None),
        ("## Summary\n\nStatus Proposed", None),
    ],
)
def test_a_title_is_read_where_there_is_one_and_prose_is_none(page: str, title: str | None) -> None:
    assert read(page).facts.title == title


def test_facts_may_stand_under_a_heading_of_their_own() -> None:
    facts = read(
        "# Cold light\n\nWe look at it.\n\n## Project information\n\nStatus Proposed\nProcess IP\n"
    ).facts
    assert (facts.title, facts.status, facts.process) == ("Cold light", Status.PROPOSED, "IP")


def test_a_word_under_a_later_heading_is_no_fact() -> None:
    page = "Status Proposed\n\n## Related\n\nProcess evaluation of knees\n"
    assert read(page).facts.process is None


def test_a_reason_for_stopping_is_kept_in_the_words_of_the_page() -> None:
    page = "Status Suspended\nReason for suspension: The company left.\n\nIt may return.\nProcess IP\n"
    assert read(page).facts.reason == "The company left.\n\nIt may return."
    assert read(page.replace("suspension", "decision")).facts.reason is None


@pytest.mark.parametrize(
    ("rows", "label", "start", "end"),
    [
        (
            "Consultation 14 October\n2022 - 11 November 2022",
            "Consultation",
            date(2022, 10, 14),
            date(2022, 11, 11),
        ),
        (
            "Consultation 14 October 2022 -\n11 November 2022",
            "Consultation",
            date(2022, 10, 14),
            date(2022, 11, 11),
        ),
        ("IPAC 1 08 September\n2022", "IPAC 1", date(2022, 9, 8), None),
        ("Committee meeting:\n1 08 March 2018", "Committee meeting: 1", date(2018, 3, 8), None),
        ("Committee meeting | 1 08 March 2018 |", "Committee meeting: 1", date(2018, 3, 8), None),
        ("Stage\tDate\nIPAC 1\t08 September 2022", "IPAC 1", date(2022, 9, 8), None),
        ("Date | Stage\n---|---\n08 September 2022 | IPAC 1", "IPAC 1", date(2022, 9, 8), None),
        ("The dates may change at any time.\nIPAC 1 08 September 2022", "IPAC 1", date(2022, 9, 8), None),
    ],
)
def test_a_row_is_read_however_its_date_is_broken_or_its_columns_stand(
    rows: str, label: str, start: date, end: date | None
) -> None:
    (milestone,) = read(f"Status In progress\nProvisional Schedule\n{rows}\n").milestones
    assert (milestone.label, milestone.dates.start, milestone.dates.end) == (label, start, end)


@pytest.mark.parametrize(
    "rows",
    [
        "IPAC 1 08\nSeptember 2022",
        "IPAC 2\nExpected publication soon",
        "IPAC 2:\nExpected publication:\nJune 2024",
        "| IPAC 2 |\n| Appeal | 8 May 2023 |",
        "Appeal | 04 February 20 |",
        "Appeal:\n8 June 2023 - 6 June 2023",
    ],
)
def test_a_row_that_has_lost_its_date_or_part_of_it_is_refused(rows: str) -> None:
    assert refusal(f"Status In progress\nProvisional Schedule\n{rows}\n").line in (3, 4)


def test_a_misspelt_heading_never_loses_a_schedule_or_lets_a_team_through() -> None:
    lost = "# Cold light\n\nStatus: In progress\n\n## Provisional Shedule\n\nIPAC 1 | 8 May 2023\n"
    assert refusal(lost).probably == "Provisional Schedule"
    for heading in ("Projcet Team", "Project team members:", "NICE team", "### Project contacts"):
        names = f"{heading}\n\nLead Ada Example on 8 May 2023\n\n#### Lead\n\nAda Example"
        assert read(PAGE.replace("Project Team\n\nLead Ada Example", names)) == read(PAGE)


def test_somebody_named_beside_a_role_among_the_facts_is_not_kept() -> None:
    page = (
        "Status | Proposed |\nDescription | Light |\nProject lead | Ada |\nTechnical lead: Ada\nProcess: IP\n"
    )
    assert "Ada" not in repr(read(page))


def test_an_address_may_stand_in_a_row() -> None:
    facts = read("Status | In progress |\nEmail enquiries | knees@example.org |\nProcess | IP |\n").facts
    assert (facts.email, facts.process) == ("knees@example.org", "IP")
    late = "Status | Proposed |\nTimeline |\n1 May 2023 | Began |\nEmail enquiries | a@b.example |\n"
    assert (read(late).facts.email, len(read(late).timeline)) == ("a@b.example", 1)


def test_links_of_the_site_above_the_facts_begin_no_section() -> None:
    links = "[Project information](a) | [Project documents](b)\n\nProject documents\n"
    snapshot = read(f"{links}We look at it.\nStatus: Proposed\n")
    assert snapshot.facts.status is Status.PROPOSED
    assert [(each.heading, each.text) for each in snapshot.passages] == [("Summary", "We look at it.")]


PUBLISHED = Path(__file__).parents[4] / "shared/inputs"


def test_the_page_of_ip1783_as_published_is_read_whole_where_it_is_at_hand() -> None:
    for path in PUBLISHED.glob("ip1783.txt"):  # beside the checkout of those who build this, and nowhere else
        text = path.read_text("utf-8")
        snapshot = read_page(text, name=path.name, reference="GID-IPG10158", today=date(2022, 9, 1))
        facts = snapshot.facts
        assert (facts.status, facts.process, facts.id_number) == (Status.IN_PROGRESS, "IP", "1783")
        assert (facts.decision, facts.technology_type, facts.email) == ("Selected", "Procedure", None)
        assert facts.title is None
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


def columns(content: object) -> Iterator[tuple[str, str]]:
    """Yield the two columns of each row, wherever in a record they stand."""
    if isinstance(content, dict):
        if "Column1" in content:
            yield content["Column1"], content["Column2"]
        content = list(content.values())
    if isinstance(content, list):
        for each in content:
            yield from columns(each)


def test_the_rows_of_records_as_published_read_the_same_in_cells_where_they_are_at_hand() -> None:
    for path in PUBLISHED.glob("nice-indev/gid-*.json"):
        for first, second in columns(json.loads(path.read_text("utf-8"))):
            dated_first = date_at_start(first, today=TODAY) is not None
            heading = "Timeline" if dated_first else "Provisional Schedule"
            told = second.replace("\r\n", " ").replace("|", "/")
            snapshot = read(f"Status In progress\n{heading}\n{first} | {told} |\n")
            assert len(snapshot.timeline if dated_first else snapshot.milestones) == 1
            assert "TBC" in second or snapshot.timeline or snapshot.milestones[0].dates.start


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
    "piece",
    [
        "a@",
        "Status ",
        "Status a\n",
        "IPAC 1 ",
        "a | ",
        "*a ",
        "[](",
        "1 1 1\n",
        "a\t",
        "# ",
        "Provisional Shedul\n",
        "\n",
        "a.b\n",
    ],
)
def test_a_hostile_page_takes_no_longer_than_its_length(piece: str) -> None:
    def read_so_much(size: int) -> None:
        with contextlib.suppress(SourceError):
            read("Status In progress\nDescription " + piece * (size // len(piece)))

    assert growth(read_so_much, small=20_000) < LINEAR
