"""The list of open consultations: what it shows to be open, until when, and where to answer."""

import json
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from notifier.procedures.model import Coverage, MilestoneKind, MilestoneState, Status
from notifier.sources.nice.indev import read_records
from notifier.sources.records import Records

ZONE = ZoneInfo("Europe/London")
TODAY = date(2024, 2, 1)
REAL = Path(__file__).parents[3].parent / "shared" / "inputs" / "nice-indev"

CONSULTATION: dict[str, object] = {
    "_links": {"self": [{"href": "/guidance/GID-MT1/consultation/html-content"}]},
    "Reference": "GID-MT1",
    "Title": "GID-MT1 Cold light for knees",
    "ConsultationName": "Draft guidance",
    "ConsultationType": "Draft guidance",
    "StartDate": "2024-02-01T00:00:00",
    "EndDate": "2024-02-29T17:00:00",
    "Process": "MT",
}


def read(*consultations: object, today: date = TODAY) -> Records:
    items = consultations[0] if len(consultations) == 1 else list(consultations)
    document = {"_embedded": {"nice.indev:inconsultation-product": items}}
    return read_records(json.dumps(document), name="open.json", zone=ZONE, today=today)


def test_a_consultation_that_has_begun_is_shown_to_be_open_until_its_hour() -> None:
    found = read(CONSULTATION).snapshots[0]
    only = found.milestones[0]
    assert (only.label, only.kind, only.state) == (
        "Draft guidance",
        MilestoneKind.CONSULTATION,
        MilestoneState.REACHED,
    )
    assert (only.dates.start, only.dates.end, only.dates.closes_at) == (TODAY, date(2024, 2, 29), time(17))
    assert (found.covers, found.stated) == (Coverage.GIVEN, {"draft-guidance"})
    assert (found.facts.status, found.facts.title) == (Status.IN_PROGRESS, "Cold light for knees")
    assert found.facts.link == "https://www.nice.org.uk/guidance/GID-MT1/consultation/html-content"


def test_one_that_has_not_begun_is_planned() -> None:
    found = read(CONSULTATION, today=date(2024, 1, 31)).snapshots[0]
    assert (found.milestones[0].state, found.stated) == (MilestoneState.PLANNED, frozenset())


def test_midnight_is_no_hour_of_closing() -> None:
    found = read(CONSULTATION | {"EndDate": "2024-02-29T00:00:00"}).snapshots[0]
    assert found.milestones[0].dates.closes_at is None


def test_the_type_names_a_consultation_without_a_name_and_a_window_stays_one() -> None:
    unnamed = CONSULTATION | {"ConsultationName": None, "ConsultationType": "Topic engagement"}
    only = read(unnamed).snapshots[0].milestones[0]
    assert (only.label, only.kind) == ("Topic engagement", MilestoneKind.WINDOW)


def test_whatever_it_is_called_it_is_a_consultation() -> None:
    only = read(CONSULTATION | {"ConsultationName": "Committee meeting"}).snapshots[0].milestones[0]
    assert only.kind is MilestoneKind.CONSULTATION


def test_consultations_of_one_procedure_are_one_snapshot() -> None:
    later = CONSULTATION | {"StartDate": "2024-03-01T00:00:00", "EndDate": "2024-03-28T17:00:00"}
    found = read(CONSULTATION, CONSULTATION, later, CONSULTATION | {"Reference": "GID-MT2"}).snapshots
    assert [[one.key for one in each.milestones] for each in found] == [
        ["draft-guidance", "draft-guidance-2"],
        ["draft-guidance"],
    ]
    assert found[0].stated == {"draft-guidance"}


@pytest.mark.parametrize(
    "href", ["//example.org/x", "https://example.org", "/a b", '/"x', None, 5, "/\u00e9"]
)
def test_an_address_elsewhere_is_not_followed(href: object) -> None:
    found = read(CONSULTATION | {"_links": {"self": {"href": href}}}).snapshots[0]
    assert found.facts.link == "https://www.nice.org.uk/guidance/indevelopment/gid-mt1"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"EndDate": "2024-01-31T17:00:00"}, "EndDate (GID-MT1)"),
        ({"EndDate": None}, "EndDate (GID-MT1)"),
        ({"StartDate": "0001-01-01T00:00:00"}, "StartDate (GID-MT1)"),
        ({"StartDate": "2024-02-30T00:00:00"}, "StartDate (GID-MT1)"),
        ({"ConsultationName": "", "ConsultationType": None}, "ConsultationName (GID-MT1)"),
        ({"Reference": None}, "Reference"),
    ],
)
def test_a_consultation_that_cannot_be_costs_no_other(changes: dict[str, object], place: str) -> None:
    records = read(CONSULTATION | changes, CONSULTATION | {"Reference": "GID-MT2"})
    assert [each.reference for each in records.snapshots] == ["GID-MT2"]
    assert [str(each).split(": ")[1] for each in records.problems] == [f"inconsultation-product[0].{place}"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real list is not here")
def test_every_consultation_of_a_real_list_is_open_until_five() -> None:
    text = (REAL / "inconsultationprojects.json").read_text("utf-8")
    records = read_records(text, name="open.json", zone=ZONE, today=date(2021, 7, 16))
    assert (len(records.snapshots), records.problems) == (20, ())
    found = [one for each in records.snapshots for one in each.milestones]
    assert {one.dates.closes_at for one in found} == {time(17)}
    assert {one.state for one in found} == {MilestoneState.REACHED}
    assert not any((each.facts.title or "").startswith("GID-") for each in records.snapshots)
