"""What scripts are given: every field by its name, dates in ISO 8601, null where nothing is known."""

import json
from datetime import date

from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    Passage,
    Precision,
    Snapshot,
    Status,
    TimelineEntry,
)
from notifier.sources.as_json import snapshot_as_json


def milestone(key: str, dates: Dates) -> Milestone:
    return Milestone(key=key, label=key.title(), kind=MilestoneKind.OTHER, dates=dates)


DAYS = Dates(start=date(2024, 4, 18), end=date(2024, 5, 16), precision=Precision.DAY)
MONTH = Dates(start=date(2024, 6, 1), precision=Precision.MONTH)
MILESTONES = (milestone("talk", DAYS), milestone("result", MONTH), milestone("end", Dates(as_written="TBC")))


def test_every_field_has_its_name_and_is_null_where_nothing_is_known() -> None:
    snapshot = Snapshot(reference="GID-IPG1", facts=Facts(), milestones=())
    facts = ("title", "status", "status_as_written", "decision", "process", "technology_type", "id_number")
    more = ("description", "email", "link", "referral_date", "reason")
    lists = ("aliases", "milestones", "timeline", "sections", "changes")
    empty = dict.fromkeys((*facts, *more)) | {name: [] for name in lists}
    assert snapshot_as_json(snapshot, []) == {"reference": "GID-IPG1"} | empty


def test_a_status_is_given_as_understood_and_as_written() -> None:
    facts = Facts(status=Status.IN_PROGRESS, status_as_written="In progress")
    given = snapshot_as_json(Snapshot(reference="GID-IPG1", facts=facts, milestones=()), [{"kind": "added"}])
    assert (given["status"], given["status_as_written"]) == ("in_progress", "In progress")
    assert given["changes"] == [{"kind": "added"}]


def test_days_are_iso_dates_a_month_is_a_month_and_an_unknown_date_is_null() -> None:
    given = snapshot_as_json(Snapshot(reference="GID-IPG1", facts=Facts(), milestones=MILESTONES), [])
    assert json.loads(json.dumps(given))["milestones"] == [
        {"key": key, "label": key.title(), "kind": "other", "state": "planned", "closes_at": None} | dates
        for key, dates in (
            ("talk", {"start": "2024-04-18", "end": "2024-05-16", "precision": "day", "as_written": ""}),
            ("result", {"start": "2024-06", "end": None, "precision": "month", "as_written": ""}),
            ("end", {"start": None, "end": None, "precision": "unknown", "as_written": "TBC"}),
        )
    ]


def test_what_happened_and_the_sections_of_a_page_are_given_in_their_order() -> None:
    snapshot = Snapshot(
        reference="GID-IPG1",
        facts=Facts(referral_date=date(2023, 5, 4), link="https://example.org/1", reason="No knees came."),
        milestones=(),
        aliases=("IPG700",),
        timeline=(
            TimelineEntry(start=date(2024, 4, 18), end=date(2024, 5, 16), text="Consultation"),
            TimelineEntry(start=None, end=None, text="In spring we rested"),
        ),
        passages=(Passage(heading="Summary", text="We look at it."),),
    )
    given = json.loads(json.dumps(snapshot_as_json(snapshot, [])))
    assert given["timeline"] == [
        {"start": "2024-04-18", "end": "2024-05-16", "text": "Consultation"},
        {"start": None, "end": None, "text": "In spring we rested"},
    ]
    assert given["sections"] == [{"heading": "Summary", "text": "We look at it."}]
    assert (given["referral_date"], given["link"]) == ("2023-05-04", "https://example.org/1")
    assert (given["aliases"], given["reason"]) == (["IPG700"], "No knees came.")
