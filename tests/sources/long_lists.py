"""Lists of invented projects in the very shape of the list of NICE's in-development feed."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

TODAY = date(2021, 7, 20)
"""The civil day on which the lists are read."""

MOVED_EVERY = 100
"""One project of so many has another date in the second edition of a list."""

_DATED_EVERY = 4
"""One project of so many has a day of publication, as in July 2021."""

_STATUSES = {"InProgress": 45, "Suspended": 27, "Proposed": 20, "Discontinued": 7, "ImpactedByCOVID19": 1}
"""In percent, as in July 2021."""

# Code, what it stands for, prefix of references; how often each, of seven.
_PROCESSES = (
    ("STA 2018", "Technology appraisal guidance", "TA"),
    ("STA 2018", "Technology appraisal guidance", "TA"),
    ("STA 2018", "Technology appraisal guidance", "TA"),
    ("TAG", "Technology appraisal guidance", "TAG"),
    ("IP", "Interventional procedures guidance", "IPG"),
    ("CG", "NICE guideline", "NG"),
    ("MT", "Medical technologies guidance", "MTG"),
)
_MEANS = ("Cold light", "Woven mesh", "Invented antibody", "Warm saline", "Slow ultrasound", "A small magnet")
_WITH = ("alone", "with exercise", "after surgery", "with standard care", "added to chemotherapy")
_AILMENTS = (
    "persistent discomfort of the left elbow",
    "previously treated non-existent disease",
    "recurrent invented syndrome in adults",
    "benign enlargement of the imagination",
)


def project_list(size: int, *, moved: bool) -> bytes:
    """Return a list of `size` projects as JSON; `moved` is its next edition, with 1 % of the dates moved."""
    document = {
        "_links": {"self": [{"href": "/projects?pagesize=2048"}]},
        "_embedded": {"nice.indev:indevelopment-project": list(_projects(size, moved=moved))},
        "ETag": None,
        "Page": 0,
        "PageSize": 2048,
        "TotalItems": size,
        "ProjectGroup": "All",
    }
    return json.dumps(document, separators=(",", ":")).encode()


def with_moves(content: bytes) -> bytes:
    """Return the next edition of a list that somebody saved: of its dates so many move that 1 % of it do."""
    document = json.loads(content)
    projects = document["_embedded"]["nice.indev:indevelopment-project"]
    dated = [one for one in projects if one["PublishedDate"] and one["Status"] == "InProgress"]
    for one in dated[: len(projects) // MOVED_EVERY]:
        one["PublishedDate"] = _stamp(TODAY + timedelta(days=400))
        one["LastModifiedDate"] = None
    return json.dumps(document).encode()


def _projects(size: int, *, moved: bool) -> Iterator[dict[str, object]]:
    chance = Random(1783)  # noqa: S311 - the same list each time
    for number in range(size):
        yield _project(number, chance, moves=moved and number % MOVED_EVERY == 0)


def _project(number: int, chance: Random, *, moves: bool) -> dict[str, object]:
    process, product, prefix = _PROCESSES[number % len(_PROCESSES)]
    reference = f"GID-{prefix}{10_000 + number}"
    identity = str(1_000 + number % 3_000)  # numbers repeat, as NICE's do
    status = chance.choices(list(_STATUSES), list(_STATUSES.values()))[0]
    title = f"{chance.choice(_MEANS)} {chance.choice(_WITH)} for {chance.choice(_AILMENTS)}"
    seen = TODAY - timedelta(days=chance.randrange(1, 1_500))
    published = TODAY + timedelta(days=chance.randrange(-60, 700) + (42 if moves else 0))
    return {
        "_links": {"self": [{"href": f"/project/{reference}"}]},
        "ETag": f"01000000-0000-001B-0000-{number:012X}",
        "Reference": reference,
        "ProjectType": prefix,
        "ProductTypeName": product,
        "Process": process,
        "Title": f"{title} [ID{identity}]",
        "Status": "InProgress" if number % MOVED_EVERY == 0 else status,
        "ProjectGroup": "Guidance",
        "PublishedDate": _stamp(published) if number % _DATED_EVERY == 0 else None,
        "LastModifiedDate": _stamp(TODAY if moves else seen),
        "FirstGoLiveDate": _stamp(seen),
        "CreatedDate": _stamp(seen),
        "DevelopedAs": None,
        "RelevantTo": None,
        "IdNumber": identity,
        "EvidenceAssessmentGroup": None,
        "AreasOfInterestList": [],
    }


def _stamp(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S")
