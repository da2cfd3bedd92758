"""Reading one source over the web: what is noted of it, and what no answer of a server may do."""

import json
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from notifier.db import Database
from notifier.procedures.due import CheckedAs
from notifier.procedures.model import Status
from notifier.procedures.tables import due, procedure
from notifier.sources.nice.page import read_page
from notifier.sources.web_reading import mark_unreadable
from tests.cast import london, rows, stored
from tests.journeys.web_body import PRODUCT, SCHEDULE, project_page
from tests.sources.nice.indev_records import PROJECT as RECORD
from tests.sources.watch_cast import LIST, Scene, reading

NINE = london(2022, 10, 14)
FIVE_TO = NINE - timedelta(minutes=5)
HOUR = timedelta(hours=1)
THE_PAGE = read_page(project_page(), name="page", reference=None, today=date(2022, 10, 14))


async def checks(db: Database) -> Mapping[str, CheckedAs | None]:
    """Return what came of asking about each instant of the day of the opening, by edge."""
    return {
        row["edge"]: row["checked_as"]
        for row in await rows(db, due)
        if row["local_date"] == date(2022, 10, 14)
    }


async def test_a_page_is_read_and_by_what_to_ask_next_is_kept(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        source = scene.source()
        done = await scene.read(source, FIVE_TO)
        known = await scene.known(source)
    assert [one.reference for one in done.taken] == ["GID-IPG10158"]
    assert not done.problems
    assert known is not None
    assert (known.read_at, known.asked_at, known.next_at) == (FIVE_TO, FIVE_TO, FIVE_TO + 24 * HOUR)
    assert known.etag is not None
    assert (known.failures, known.failing_since) == (0, None)


async def test_what_speaks_within_half_an_hour_is_checked_and_nothing_else(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        await scene.read(scene.source(), FIVE_TO)
    asked = [row for row in await rows(db, due) if row["checked_at"] is not None]
    assert [(row["edge"], row["checked_as"], row["checked_at"]) for row in asked] == [
        ("opens", CheckedAs.STANDS, FIVE_TO)
    ]


async def test_an_unchanged_page_counts_as_read(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        source = scene.source()
        await scene.read(source, FIVE_TO - HOUR)
        assert await checks(db) == {"opens": None}
        await scene.read(source, FIVE_TO)
        assert scene.body.statuses() == [200, 304]
        known = await scene.known(source)
    assert known is not None
    assert known.read_at == FIVE_TO
    assert await checks(db) == {"opens": CheckedAs.STANDS}
    assert [row["read_at"] for row in await rows(db, procedure)] == [FIVE_TO]


async def _failed(scene: Scene) -> list[str]:
    """Fail once after a good reading; return the problems."""
    source = scene.source()
    await scene.read(source, FIVE_TO - HOUR)
    scene.body.fail(500)
    done = await scene.read(source, FIVE_TO)
    known = await scene.known(source)
    assert known is not None
    assert (known.read_at, known.failing_since, known.failures) == (FIVE_TO - HOUR, FIVE_TO, 1)
    assert known.next_at == FIVE_TO + timedelta(minutes=1)
    assert known.problem == done.problems[0]
    return list(done.problems)


async def test_a_failure_is_noted_and_takes_nothing_away(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        before = await rows(db, procedure)
        [problem] = await _failed(scene)
        assert "answered 500 Internal Server Error" in problem
    assert before == []
    assert (await stored(db, THE_PAGE)).read_at == FIVE_TO - HOUR
    assert await checks(db) == {"opens": CheckedAs.UNREADABLE}


async def test_failures_in_a_row_are_counted_from_the_first_and_forgotten_when_it_is_read(
    db: Database,
) -> None:
    async with reading(db, FIVE_TO) as scene:
        await _failed(scene)
        source = scene.source()
        await scene.read(source, FIVE_TO + HOUR)
        known = await scene.known(source)
        assert known is not None
        assert (known.failing_since, known.failures) == (FIVE_TO, 2)
        scene.body.show(project_page())
        assert not (await scene.read(source, FIVE_TO + 2 * HOUR)).problems
        known = await scene.known(source)
        assert known is not None
        assert (known.failing_since, known.failures, known.problem) == (None, 0, None)


async def test_a_page_that_is_refused_again_and_again_is_a_failure_like_any_other(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        source = scene.source()
        await scene.read(source, FIVE_TO - HOUR)
        bare = project_page().partition("<h2>Provisional Schedule")[0]
        scene.body.show(f"{bare}</body></html>")
        for hours in range(3):
            done = await scene.read(source, FIVE_TO + hours * HOUR)
        known = await scene.known(source)
    assert "a Provisional Schedule" in done.problems[0]
    assert known is not None
    assert (known.read_at, known.failing_since, known.failures) == (FIVE_TO - HOUR, FIVE_TO, 3)


async def test_a_source_that_may_not_be_asked_leaves_its_dates_marked_as_such(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        source = scene.source()
        await scene.read(source, FIVE_TO - HOUR)
        scene.clock.instant = FIVE_TO
        await mark_unreadable(scene.reader, source)
    assert await checks(db) == {"opens": CheckedAs.UNREADABLE}


@pytest.mark.parametrize(
    "elsewhere",
    [
        "/",
        "/guidance",
        "/login",
        "/guidance/indevelopment/gid-ipg2",
        "http://127.0.0.2/guidance/ipg749",
        "/guidance/ipg749/chapter/1",
    ],
)
async def test_a_page_that_leads_anywhere_but_to_its_guidance_was_not_read(
    db: Database, elsewhere: str
) -> None:
    async with reading(db, FIVE_TO) as scene:
        source = scene.source()
        await scene.read(source, FIVE_TO - HOUR)
        scene.body.lead_to(elsewhere)
        [problem] = (await scene.read(source, FIVE_TO)).problems
    assert "the page itself: it leads to" in problem
    assert (await stored(db, THE_PAGE)).status is Status.IN_PROGRESS


async def test_a_page_that_leads_to_its_guidance_is_complete_under_both_references(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        source = scene.source()
        await scene.read(source, FIVE_TO - HOUR)
        scene.body.lead_to(PRODUCT)
        for hour in range(3):
            assert not (await scene.read(source, FIVE_TO + hour * HOUR)).problems
        address = f"https://127.0.0.1:{scene.body.port}{PRODUCT}"
    found = await stored(db, THE_PAGE)
    assert (found.status, found.facts.status_as_written) == (Status.COMPLETE, "Published")
    assert (found.references, found.facts.link) == (("GID-IPG10158", "IPG749"), address)
    assert len(found.milestones) == len(SCHEDULE)


async def test_a_page_that_was_never_read_and_leads_to_guidance_is_nobody_s(db: Database) -> None:
    async with reading(db, FIVE_TO) as scene:
        scene.body.lead_to(PRODUCT)
        [problem] = (await scene.read(scene.source(), FIVE_TO)).problems
    assert "the page itself" in problem
    assert await rows(db, procedure) == []


def _projects(count: int, published: str, *, moved: int = 0) -> str:
    records = [
        RECORD
        | {
            "Reference": f"GID-IPG{number}",
            "PublishedDate": published if number < moved else "2023-07-10T00:00:00",
            "LastModifiedDate": None,
        }
        for number in range(count)
    ]
    return json.dumps({"_embedded": {"nice.indev:indevelopment-project": records}})


@pytest.mark.parametrize(("moved", "braked"), [(3, False), (4, True)])
async def test_a_list_that_would_tell_too_much_at_once_waits_for_a_person(
    db: Database, moved: int, braked: bool
) -> None:
    async with reading(db, FIVE_TO, living=("web:list",), most_events=3) as scene:
        source = scene.source(LIST, name="list")
        scene.body.show(_projects(9, "2023-07-10T00:00:00"), at=LIST)
        assert len((await scene.read(source, FIVE_TO)).taken) == 9  # the first load is silent, however long
        scene.body.show(_projects(9, "2023-08-14T00:00:00", moved=moved), at=LIST)
        done = await scene.read(source, FIVE_TO + HOUR)
    moves = [one for one in done.taken if one.changes]
    assert len(moves) == (0 if braked else moved)
    assert bool(done.problems) is braked
    if braked:
        assert "at most 3 new or changed procedures at once, and it has 4" in done.problems[0]
        assert f"notifier import {source.url}" in done.problems[0]
