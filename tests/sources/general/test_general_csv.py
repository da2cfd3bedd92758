"""Procedures in CSV: one row for each milestone, and each mistake said with its line."""

from datetime import date

import pytest

from notifier.sources.errors import SourceError
from notifier.sources.general.csv_form import looks_like_csv, read_csv
from notifier.sources.records import Records

TODAY = date(2024, 2, 1)
HEADER = "reference,title,status,label,date\n"


def read(text: str) -> Records:
    return read_csv(text, name="dates.csv", today=TODAY)


def said(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def test_later_rows_may_repeat_the_facts_or_leave_them_blank() -> None:
    records = read(
        HEADER + "K-1,Knees,Proposed,A,TBC\nK-2,Hips,Proposed,A,TBC\nK-1,,,B,TBC\nk-1,Knees,Proposed,C,TBC\n"
    )
    assert records.problems == ()
    assert [[row.label for row in each.milestones] for each in records.snapshots] == [["A", "B", "C"], ["A"]]


def test_a_row_without_a_label_lists_a_procedure_without_dates() -> None:
    assert read(HEADER + "K-1,Knees,Proposed,,\n").snapshots[0].milestones == ()


def test_a_date_without_a_label_is_no_milestone() -> None:
    assert said(HEADER + "K-1,Knees,Proposed,,TBC\n") == ['dates.csv:2: expected label = "…"']


def test_semicolons_quoted_line_breaks_and_blank_lines_are_read() -> None:
    text = '\n Reference ; Title;status;label;date\n\nK-1;"Knees;\nboth";Proposed;A;TBC\n;;;;\n'
    assert read(text).snapshots[0].facts.title == "Knees;\nboth"


def test_an_error_names_the_line_on_which_its_row_begins() -> None:
    text = HEADER + 'K-1,"Knees\nand\nhips",Proposed,A,TBC\nK-2,Feet,Proposed,A,32 May 2024\n'
    assert said(text)[0].startswith('dates.csv:5: "32 May 2024" is not a date: May has 31 days')


def test_a_fact_that_changes_within_a_procedure_is_refused() -> None:
    records = read(HEADER + "K-1,Knees,Proposed,A,TBC\nK-1,Hips,,B,TBC\nK-2,Feet,Proposed,A,TBC\n")
    assert [each.reference for each in records.snapshots] == ["K-2"]
    assert [str(each) for each in records.problems] == [
        'dates.csv:3: "title = Hips" is not what line 2 says, or blank'
    ]


def test_a_row_without_a_reference_is_refused_and_the_rest_is_read() -> None:
    records = read(HEADER + ",Knees,Proposed,A,TBC\nK-2,Feet,Proposed,A,TBC\n")
    assert [each.reference for each in records.snapshots] == ["K-2"]
    assert [str(each) for each in records.problems] == ["dates.csv:2: expected a reference in every row"]


def test_draft_is_said_in_words() -> None:
    text = (
        "reference,title,status,draft\nK-1,Knees,Proposed,yes\nK-2,Hips,Proposed,FALSE\nK-3,Feet,Proposed,x\n"
    )
    records = read(text)
    assert [each.draft for each in records.snapshots] == [True, False]
    assert [str(each) for each in records.problems] == ['dates.csv:4: "draft = x" is not true or false']


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a first line with the columns reference, title, status"),
        ("reference,title\n", "a first line with the columns status"),
        ("reference,titel,status\n", "did you mean title"),
        ("reference,title,status,title\n", "a column that stands once"),
        (HEADER + 'K-1,"Knees\n', "dates.csv:2: expected CSV: "),
        (HEADER + "K-1,Knees, both,Proposed,A,TBC\n", "dates.csv:2: .* is not a row of 5 cells"),
    ],
)
def test_what_is_no_such_table_is_refused(text: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read(text)


def test_a_table_is_known_by_its_first_line() -> None:
    assert looks_like_csv(HEADER)
    assert looks_like_csv("title;status;reference\n")
    assert not looks_like_csv("status, title and so on\n")
