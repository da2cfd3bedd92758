"""Any document: its shape told by suffix and content, its bytes read or refused with a reason."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.sources.errors import SourceError
from notifier.sources.reading import LARGEST, Shape, read_document
from notifier.sources.records import Records

ZONE = ZoneInfo("Europe/London")
TODAY = date(2024, 2, 1)

PAGE = "Status In progress\nProvisional Schedule\nIPAC 1 14 March 2024\n"
ONE = 'reference = "K-1"\ntitle = "Knees"\nstatus = "Proposed"\n'
SEVERAL = f"# Ours.\n\n[[procedures]]\n{ONE}"
AS_JSON = '{"procedures": [{"reference": "K-1", "title": "Knees", "status": "Proposed"}]}'
AS_CSV = "reference,title,status\nK-1,Knees,Proposed\n"
RECORD = '{"Reference": "K-1", "Title": "Knees", "Status": "Proposed"}'
DOCUMENTS = (PAGE, ONE, SEVERAL, AS_JSON, AS_CSV, RECORD)


def read(
    content: str | bytes, name: str = "document", *, reference: str | None = None, shape: Shape | None = None
) -> Records:
    data = content.encode() if isinstance(content, str) else content
    return read_document(
        data, name=name, reference=reference, address=None, zone=ZONE, today=TODAY, shape=shape
    )


@pytest.mark.parametrize("content", [ONE, SEVERAL, AS_JSON, AS_CSV, RECORD])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_document_is_known_by_its_content(content: str, mark: str) -> None:
    records = read(mark + content)
    assert ([each.reference for each in records.snapshots], records.problems) == (["K-1"], ())


def test_a_text_of_no_other_shape_is_a_page() -> None:
    found = read(PAGE, "page.txt", reference="GID-IPG1").snapshots[0]
    assert [one.label for one in found.milestones] == ["IPAC 1"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dates.json", "JSON"),
        ("dates.csv", "one of the columns"),
        ("dates.toml", "TOML"),
        ("https://example.org/dates.json?page=1#top", "JSON"),
        ("https://[/dates", "page"),
    ],
)
def test_a_suffix_says_what_a_document_means_to_be(name: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read("Nothing of the kind", name)


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (PAGE, Shape.PAGE),
        (ONE, Shape.PROCEDURE_TOML),
        (SEVERAL, Shape.PROCEDURES_TOML),
        (AS_JSON, Shape.PROCEDURES_JSON),
        (AS_CSV, Shape.PROCEDURES_CSV),
        (RECORD, Shape.NICE_JSON),
    ],
)
def test_a_shape_that_is_given_decides(content: str, shape: Shape) -> None:
    assert len(read(content, "x.bin", reference="K-1", shape=shape).snapshots) == 1
    other = Shape.PROCEDURES_CSV if shape is not Shape.PROCEDURES_CSV else Shape.NICE_JSON
    with pytest.raises(SourceError):
        read(content, "x.bin", reference="K-1", shape=other)


def test_a_misspelt_list_is_refused_with_a_guess() -> None:
    with pytest.raises(SourceError, match="did you mean procedures"):
        read('{"procedure": []}')


def test_a_reference_picks_one_procedure_by_any_of_its_references() -> None:
    record = {"Title": "Knees", "Status": "Proposed"}
    items = [record | {"Reference": "K-1", "ProductReference": "P1"}, record | {"Reference": "K-2"}]
    text = json.dumps({"_embedded": {"nice.indev:indevelopment-project": items}})
    for wanted in ("K-1", "k-1", "p1"):
        assert [each.reference for each in read(text, reference=wanted).snapshots] == ["K-1"]
    with pytest.raises(SourceError, match='"K-3" is not a procedure of this document'):
        read(text, reference="K-3")


def test_a_reference_that_may_be_among_the_problems_is_not_said_to_be_missing() -> None:
    records = read('{"procedures": [{"reference": "K-1"}]}', reference="K-1")
    assert (records.snapshots, len(records.problems)) == ((), 2)


def test_an_old_web_page_is_read_as_windows_1252_and_nothing_else_is() -> None:
    page = "<html><body><h1>Caf\u00e9</h1><p>Status: In progress</p></body></html>"
    found = read(page.encode("cp1252"), "page.html", reference="K-1").snapshots[0]
    assert found.facts.title == "Caf\u00e9"
    with pytest.raises(SourceError, match=r"dates.csv:2: expected text in UTF-8"):
        read(AS_CSV.replace("Knees", "Caf\u00e9").encode("cp1252"), "dates.csv")
    with pytest.raises(SourceError, match="UTF-8"):
        read(b"<html>\x81", "page.html")


def test_a_document_is_not_larger_than_memory_allows() -> None:
    with pytest.raises(SourceError, match="at most 33,554,432 bytes"):
        read(b" " * (LARGEST + 1))


@given(st.binary(max_size=400), st.sampled_from(["", "x.json", "x.csv", "x.toml", "x.html"]))
@example(b'{"procedures": [{"reference": "\\ud800", "title": "\\u0000"}]}', "")
@example(b'{"procedures": [{"\\ud800": 1, "reference": 1e400, "title": NaN}]}', "")
@example(b'{"Reference": "K-1", "Title": "&#' + b"9" * 5000 + b';", "Summary": "\\udfff"}', "")
@example(b'[[procedures]]\nreference = "K-1"\nreferral_date = 2024-01-01T00:00:00Z\nmilestones = 5', "")
@example(b"reference,title,status\n" + b'"' + b"x" * 200_000, "x.csv")
@example(b"{" * 100_000, "x.json")
@example(b'{"a":' * 100_000, "x.json")
@example(b"a=" + b"[" * 50_000, "x.toml")
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    for shape in (None, *Shape):
        try:
            read(content, name, reference="K-1", shape=shape)
        except SourceError as error:
            assert str(error)  # noqa: PT017 - either outcome is right


@given(st.sampled_from(DOCUMENTS), st.integers(0, 150), st.integers(0, 20), st.text(max_size=12))
def test_a_document_cut_or_overwritten_anywhere_is_read_or_refused(
    document: str, at: int, length: int, put: str
) -> None:
    changed = document[:at] + put + document[at + length :]
    try:
        read(changed.encode("utf-8", "replace"), reference="K-1")
    except SourceError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
