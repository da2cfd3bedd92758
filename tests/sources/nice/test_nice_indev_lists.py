"""The list of projects in NICE's in-development feed, and whatever else may come as one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.model import Coverage, MilestoneKind, Precision, Status
from notifier.sources.errors import SourceError
from notifier.sources.nice.indev import read_records
from notifier.sources.records import Records
from tests.growth import LINEAR, growth
from tests.sources.nice.indev_records import PROJECT, REAL, TODAY, ZONE, listed, read, said


def test_a_list_gives_status_and_publication_alone() -> None:
    records = listed(PROJECT, PROJECT | {"Reference": "GID-IPG2", "PublishedDate": None})
    first, second = records.snapshots
    assert (first.covers, second.milestones) == (Coverage.PUBLICATION, ())
    assert [(each.kind, each.dates.start) for each in first.milestones] == [
        (MilestoneKind.PUBLICATION, date(2024, 7, 10))
    ]


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00", "1989-12-31T00:00:00", "2040-01-01T00:00:00"])
def test_publication_in_an_unbelievable_year_is_kept_as_written(stamp: str) -> None:
    dates = listed(PROJECT | {"PublishedDate": stamp}).snapshots[0].milestones[0].dates
    assert (dates.start, dates.precision, dates.as_written) == (None, Precision.UNKNOWN, stamp)


def test_a_title_loses_the_reference_that_it_begins_with() -> None:
    titles = ("GID-IPG1  Knees", "gid-ipg1 - Knees", "GID-IPG12 Knees", "GID-IPG1", "MT1 Knees")
    found = [listed(PROJECT | {"Title": title}).snapshots[0].facts.title for title in titles]
    assert found == ["Knees", "Knees", "GID-IPG12 Knees", None, "MT1 Knees"]


def test_a_bad_record_costs_no_other() -> None:
    bad = (
        PROJECT | {"Reference": "all"},
        PROJECT | {"Reference": "GID-IPG2", "PublishedDate": "2024-13-01T00:00:00"},
        "GID-IPG3",
        PROJECT | {"Reference": "GID-IPG4", "Title": ["Knees"]},
    )
    records = listed(*bad, PROJECT)
    assert [each.reference for each in records.snapshots] == ["GID-IPG1"]
    assert [each.split(": ")[1] for each in said(records)] == [
        "indevelopment-project[2]",
        "indevelopment-project[0].Reference",
        "indevelopment-project[1].PublishedDate (GID-IPG2)",
        "indevelopment-project[3].Title (GID-IPG4)",
    ]


def test_of_two_records_with_one_reference_neither_is_believed() -> None:
    records = listed(PROJECT, PROJECT | {"Reference": "gid-ipg1"}, PROJECT | {"Reference": "GID-IPG2"})
    assert [each.reference for each in records.snapshots] == ["GID-IPG2"]
    assert "indevelopment-project[0] has it too" in said(records)[0]


def test_a_list_that_says_it_has_more_is_a_problem_and_one_of_none_is_not() -> None:
    assert "the 1 records of this document" in said(listed(PROJECT, TotalItems=887))[0]
    assert listed(PROJECT, TotalItems=1).problems == ()
    assert read({"TotalItems": 0}) == Records() == listed()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"_embedded": 5}', "[" * 100_000, "9" * 5_000]
)
def test_what_is_no_document_of_the_feed_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        read_records(text, name="feed.json", zone=ZONE, today=TODAY)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["2024-07-10T00:00:00", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-14:00", "TBC"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *PROJECT,
                    "_embedded",
                    "_links",
                    "self",
                    "href",
                    "Column1",
                    "Column2",
                    "StartDate",
                    "EndDate",
                ]
                + ["ConsultationName", "ReferralDate", "TotalItems", "Hidden", "ProductReference", "Summary"]
                + [f"nice.indev:{kind}" for kind in ("indevelopment-project", "inconsultation-product")]
                + [f"nice.indev:{kind}" for kind in ("provisional-schedule", "provisional-schedule-list")]
                + [f"nice.indev:{kind}" for kind in ("timeline", "timeline-list", "email-enquiry-list")]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from([*PROJECT, "_embedded"]), ANYTHING), st.booleans())
def test_the_right_names_with_anything_in_them_are_read_or_refused(
    changes: dict[str, object], is_listed: bool
) -> None:
    document = PROJECT | changes
    records = listed(document) if is_listed else read(document)
    assert isinstance(records, Records)


@given(ANYTHING)
def test_anything_in_json_is_read_or_refused(document: object) -> None:
    try:
        read(document)
    except SourceError as error:
        assert str(error).startswith("feed.json: ")  # noqa: PT017 - either outcome is right


def test_reading_takes_time_in_proportion_to_the_list() -> None:
    def work(count: int) -> Records:
        return listed(*(PROJECT | {"Reference": f"GID-IPG{number}"} for number in range(count)))

    assert growth(work, small=500) < LINEAR


@pytest.mark.skipif(not REAL.is_dir(), reason="the real lists are not here")
def test_every_project_of_a_real_list_is_read_with_a_status_that_is_known() -> None:
    text = (REAL / "gidprojects-all.json").read_text("utf-8")
    records = read_records(text, name="all.json", zone=ZONE, today=date(2021, 7, 16))
    assert (len(records.snapshots), records.problems) == (887, ())
    statuses = [each.facts.status for each in records.snapshots]
    assert {status: statuses.count(status) for status in set(statuses)} == {
        Status.IN_PROGRESS: 397,
        Status.SUSPENDED: 241,
        Status.PROPOSED: 176,
        Status.DISCONTINUED: 61,
        Status.IMPACTED_BY_COVID_19: 12,
    }
    dates = [one.dates for each in records.snapshots for one in each.milestones]
    assert [each.precision for each in dates].count(Precision.DAY) == 207
    assert [each.as_written for each in dates if each.start is None] == ["0001-01-01T00:00:00"]
