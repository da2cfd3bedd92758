"""Lists come as spreadsheets write them: with marks, semicolons, line breaks in quotes, other encodings."""

from pathlib import Path

import pytest

from notifier.subscriptions.bulk.csv_file import ListError, open_csv, rows
from notifier.subscriptions.bulk.rows import Refused, Row

HEAD = "address,follows,consent_source,consent_date\n"
ADA = "ada@example.org,all,paper,2022-09-03\n"


def _read(path: Path, content: str | bytes) -> list[Row | Refused]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(rows(open_csv(path)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_marks_separators_and_line_ends_are_understood(
    path: Path, separator: str, mark: str, newline: str
) -> None:
    content = mark + (HEAD + ADA).replace(",", separator).replace("\n", newline)
    [ada] = _read(path, content)
    assert isinstance(ada, Row)
    assert (ada.line, dict(ada.cells)) == (
        2,
        {
            "address": "ada@example.org",
            "follows": "all",
            "consent_source": "paper",
            "consent_date": "2022-09-03",
        },
    )


def test_a_quoted_cell_may_hold_line_breaks_and_the_next_row_knows_its_line(path: Path) -> None:
    content = HEAD + 'ada@example.org,all,"a form,\nat the ""open day""",2022-09-03\n\n' + ADA
    first, second = _read(path, content)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.cells["consent_source"] == 'a form,\nat the "open day"'
    assert (first.line, second.line) == (2, 5)


def test_a_cell_that_was_marked_against_formulas_is_read_as_it_was(path: Path) -> None:
    [found] = _read(path, HEAD + "'=x@example.org,all,'+44 20,2022-09-03\n")
    assert isinstance(found, Row)
    assert (found.cells["address"], found.cells["consent_source"]) == ("=x@example.org", "+44 20")


def test_the_columns_of_a_file_of_refused_rows_are_passed_over(path: Path) -> None:
    [found] = _read(path, HEAD.replace("\n", ",line,problem,meant\n") + ADA.replace("\n", ",7,wrong,right\n"))
    assert isinstance(found, Row)


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        ((HEAD + ADA + "José@example.org,all,paper,2022-09-03\n").encode("cp1252"), 3, "the byte 0xE9"),
        ((HEAD + ADA).encode("utf-16"), 1, "it is UTF-16"),
        (b"\xfe\xff\x00a", 1, "it is UTF-16"),
        ((HEAD + ADA).encode() + b"\xc3", 3, "its last letter is cut off"),
    ],
)
def test_another_encoding_is_refused_with_its_line_before_anything_is_taken_in(
    path: Path, content: bytes, line: int, why: str
) -> None:
    with pytest.raises(ListError) as refused:
        _read(path, content)
    said = str(refused.value)
    assert said.startswith(f"{path}, line {line}: not UTF-8 ({why}")
    assert said.endswith("save the file as “CSV UTF-8” and import it again")


def test_a_byte_of_another_encoding_is_found_however_far_down_it_is(path: Path) -> None:
    with pytest.raises(ListError, match="line 60002: not UTF-8"):
        _read(path, (HEAD + ADA * 60_000).encode() + b"\x92")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is empty; its first line names the columns address, follows, consent_source, consent_date"),
        ("\n\n", "it is empty"),
        (HEAD.replace("follows", "folows"), "“folows” is none of the columns .*; did you mean “follows”"),
        (HEAD.replace(",consent_date", ""), "there is no column consent_date; its first line names"),
        (HEAD.replace("follows", "address"), "the column “address” stands twice"),
        (ADA, "line 1: “ada@example.org” is none of the columns"),
    ],
)
def test_a_first_line_that_names_no_columns_refuses_the_whole(path: Path, content: str, why: str) -> None:
    with pytest.raises(ListError, match=why):
        _read(path, content)


def test_a_file_that_is_not_there_is_said_so(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ListError, match="No such file"):
        open_csv(path)
    with pytest.raises(ListError, match="Is a directory"):
        open_csv(tmp_path)


def test_a_row_with_too_many_cells_is_refused_alone(path: Path) -> None:
    refused, ada = _read(path, HEAD + "ada@example.org,all,a form, at the desk,2022-09-03\n" + ADA)
    assert isinstance(ada, Row)
    assert isinstance(refused, Refused)
    assert str(refused.problems[0]) == ("5 cells where the first line names 4: quote cells that hold a comma")


def test_a_row_that_is_no_csv_is_refused_alone(path: Path) -> None:
    refused, ada = _read(path, HEAD + '"ada"x@example.org,all,paper,2022-09-03\n' + ADA)
    assert isinstance(ada, Row)
    assert isinstance(refused, Refused)
    assert refused.row.line == 2
    assert "no CSV" in str(refused.problems[0])


def test_a_quote_that_is_never_closed_is_found_where_it_begins(path: Path) -> None:
    ada, refused = _read(path, HEAD + ADA + '"ben@example.org,all,paper,2022-09-03\n' + ADA)
    assert isinstance(ada, Row)
    assert isinstance(refused, Refused)
    assert refused.row.line == 3
    assert "never closed" in str(refused.problems[0])
