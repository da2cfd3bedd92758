"""What goes wrong with one source, one document or one clock, and how little of the rest it may touch."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from notifier import holds
from notifier.db import Database, Rank
from notifier.events.tables import event
from notifier.hold_kinds import HoldKind
from notifier.procedures import due_store
from notifier.procedures.due import Edge
from notifier.procedures.model import Status
from notifier.procedures.source_store import KnownSource
from notifier.procedures.tables import procedure
from notifier.sources.admission import admit
from notifier.sources.intake import Origin
from notifier.sources.sync import take_in
from notifier.sources.web_source import Outlook, WebSource, next_asking
from notifier.sources.web_watch import AT_ONCE, WebWatch
from tests.cast import (
    BEGIN,
    INTAKE,
    IP1783,
    MACHINE_NOW,
    RULES,
    consultation,
    london,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)
from tests.journeys.web_body import CONSULTATION, PRODUCT, PROJECT, SCHEDULE, project_page, running_body
from tests.refusing import refusing
from tests.sources.project_lists import project, projects
from tests.sources.watch_cast import LIST, Scene, reading

NINE = london(2022, 10, 14)
FIVE_TO = NINE - timedelta(minutes=5)
EVENING = london(2022, 10, 13, 20)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
YEAR = timedelta(days=365)
NOTHING_URGENT = Outlook(waiting=(), unsettled={}, expected_today=frozenset())
LATER = project_page(SCHEDULE[0], (CONSULTATION[0], "21 October 2022 - 18 November 2022"), *SCHEDULE[2:])
PAGE = snapshot(number=10158)


def watch(scene: Scene, *sources: WebSource) -> WebWatch:
    return WebWatch(
        scene.reader, sources, clock=scene.clock, rules=RULES, seconds_between=0, learnt=lambda: None
    )


async def test_what_cannot_be_stored_of_one_source_is_its_own_failure(db: Database) -> None:
    async with reading(db, EVENING, living=("web:ip1783", "web:list")) as scene:
        good, bad = scene.source(), scene.source(LIST, name="list")
        await scene.read(good, EVENING)
        scene.body.show(projects(project("GID-IPG1")), at=LIST)
        scene.clock.instant = FIVE_TO
        looking = watch(scene, bad, good)
        async with refusing(db, "procedure"):
            await looking.look()
        known = await scene.known(bad)
        assert known is not None
        assert (known.failures, known.failing_since, known.next_at) == (1, FIVE_TO, FIVE_TO + MINUTE)
        [problem] = looking.problems
        assert known.problem == problem
        assert f"{bad.url}: could not be taken in" in problem
        asked = await scene.known(good)
        assert asked is not None
        assert (asked.read_at, asked.failures) == (FIVE_TO, 0)


@pytest.mark.parametrize(("minutes", "is_late"), [(59, False), (61, True)])
async def test_a_date_that_nobody_asked_about_for_an_hour_is_late_however_often_it_waits(
    db: Database, minutes: int, is_late: bool
) -> None:
    async with reading(db, EVENING) as scene:
        await scene.read(scene.source(), EVENING)
        await scene.read(scene.source(), NINE)
    [opens] = [one for one in await due_rows(db) if one.instant.edge is Edge.OPENS]
    now = NINE + minutes * MINUTE
    async with db.write(Rank.ANNOUNCE) as conn:
        await due_store.push(conn, [opens.id], now + MINUTE)
    async with db.read() as conn:
        assert await due_store.oldest_unannounced(conn, now) == (NINE if is_late else None)


async def due_rows(db: Database) -> list[due_store.DueRow]:
    """Return every due instant of the page's procedure."""
    found = await stored(db, PAGE)
    async with db.read() as conn:
        return [await due_store.row(conn, one.id) for one in await due_store.of_procedure(conn, found.id)]


async def test_a_clock_that_ran_ahead_makes_no_honest_reading_older(db: Database) -> None:
    async with reading(db, EVENING) as scene:
        await scene.read(scene.source(), EVENING)
        await scene.read(scene.source(), EVENING + YEAR)
        scene.body.show(LATER)
        [taken] = (await scene.read(scene.source(), FIVE_TO)).taken
    assert not taken.is_older
    found = await stored(db, PAGE)
    assert (found.read_at, found.milestones[1].dates.start) == (FIVE_TO, date(2022, 10, 21))


@pytest.mark.parametrize(("ahead", "is_older"), [(9 * MINUTE, True), (11 * MINUTE, False)])
async def test_two_clocks_that_differ_a_little_do_not_count_as_one_that_ran_ahead(
    sqlite_db: Database, ahead: timedelta, is_older: bool
) -> None:
    await read(sqlite_db, IP1783, now=BEGIN)
    found = replace(await stored(sqlite_db), read_at=NINE + ahead)
    origin = Origin(key="web:page", actor="source page", page_read_at=NINE, watched=True, fetched=True)
    assert admit(found, IP1783, origin, now=NINE).is_older is is_older


@pytest.mark.parametrize(("rest", "at_once"), [(25 * HOUR, False), (26 * HOUR, True), (YEAR, True)])
def test_a_source_that_was_to_rest_by_a_clock_that_ran_ahead_is_asked_now(
    rest: timedelta, at_once: bool
) -> None:
    source = WebSource(name="page", url="https://www.example.org/", interval=HOUR)
    known = KnownSource(key=source.key, next_at=NINE + rest)
    at = next_asking(source, known, NOTHING_URGENT, lead=5 * MINUTE, rules=RULES, now=NINE)
    assert at == (NINE if at_once else NINE + rest)


async def test_nothing_is_read_while_the_clock_is_doubted(db: Database) -> None:
    async with reading(db, EVENING) as scene:
        looking = watch(scene, scene.source())
        async with db.write(Rank.WEB) as conn:
            await holds.put(conn, HoldKind.CLOCK, "The clock leapt.", machine_now=MACHINE_NOW)
        assert await looking.look() > 0
        assert scene.body.statuses() == []
        async with db.write(Rank.WEB) as conn:
            await holds.lift(conn, HoldKind.CLOCK)
        await looking.look()
        assert scene.body.statuses() == [200]


async def test_a_list_with_a_problem_is_asked_for_whole_until_it_has_none(db: Database) -> None:
    async with reading(db, EVENING, living=("web:list",)) as scene:
        source = scene.source(LIST, name="list")
        bad = project("GID-IPG2") | {"PublishedDate": "29 Marhc 2023"}
        scene.body.show(projects(project("GID-IPG1"), bad), at=LIST)
        for hours in range(2):
            assert len((await scene.read(source, EVENING + hours * HOUR)).problems) == 1
        scene.body.show(projects(project("GID-IPG1"), project("GID-IPG2")), at=LIST)
        for hours in range(2, 4):
            assert not (await scene.read(source, EVENING + hours * HOUR)).problems
        assert scene.body.statuses(LIST) == [200, 200, 200, 304]


async def test_a_page_that_is_back_after_it_led_to_guidance_once_is_read_again(db: Database) -> None:
    async with reading(db, EVENING) as scene:
        source = scene.source()
        await scene.read(source, EVENING)
        scene.body.lead_to(PRODUCT)
        await scene.read(source, EVENING + HOUR)
        assert (await stored(db, PAGE)).status is Status.COMPLETE
        scene.body.show(project_page())
        await scene.read(source, EVENING + 2 * HOUR)
        assert scene.body.statuses() == [200, 301, 200]
    assert (await stored(db, PAGE)).status is Status.IN_PROGRESS


async def test_a_source_whose_date_is_about_to_speak_is_asked_before_all_others(db: Database) -> None:
    async with reading(db, EVENING) as scene:
        await scene.read(scene.source(), EVENING)
        routine = [scene.source(f"/page-{number}", name=f"routine-{number}") for number in range(AT_ONCE)]
        scene.clock.instant = FIVE_TO
        await watch(scene, *routine, scene.source()).look()
        assert scene.body.statuses() == [200, 304]


async def test_one_host_with_many_sources_leaves_room_for_another(db: Database) -> None:
    async with reading(db, EVENING) as scene, running_body() as other:
        many = [scene.source(f"/page-{number}", name=f"page-{number}") for number in range(AT_ONCE)]
        alone = WebSource(name="alone", url=other.url(PROJECT), interval=HOUR)
        await watch(scene, *many, alone).look()
        assert other.statuses() == [200]


@pytest.mark.parametrize(("count", "braked"), [(3, False), (4, True)])
async def test_more_new_procedures_than_are_plausible_wait_for_a_person(
    db: Database, count: int, braked: bool
) -> None:
    async with reading(db, EVENING, living=("web:list",), most_events=3) as scene:
        source = scene.source(LIST, name="list")
        scene.body.show(projects(project("GID-IPG1")), at=LIST)
        await scene.read(source, EVENING)
        new = [project(f"GID-NG{number}") for number in range(count)]
        scene.body.show(projects(project("GID-IPG1"), *new), at=LIST)
        done = await scene.read(source, EVENING + HOUR)
        await sweep(db, EVENING + HOUR)
    assert len(await rows(db, event)) == (0 if braked else count)
    assert bool(done.problems) is braked


@pytest.mark.parametrize("is_known", [False, True])
async def test_one_reference_twice_in_a_document_is_a_problem_of_the_second(
    db: Database, is_known: bool
) -> None:
    if is_known:
        await read(db, IP1783, now=BEGIN)
    twice = replace(IP1783, reference=IP1783.reference.lower(), milestones=())
    other = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)), number=2)
    origin = Origin(key="web:list", actor="source list", page_read_at=BEGIN, watched=True, fetched=True)
    done = await take_in(db, [IP1783, twice, other], origin, intake=INTAKE, now=BEGIN)
    assert [one.reference for one in done.taken] == (
        [other.reference, IP1783.reference] if is_known else [IP1783.reference, other.reference]
    )
    [problem] = done.problems
    assert "one reading of gid-ipg1783 in a document" in str(problem).casefold()
    assert len((await stored(db)).milestones) == 4


async def test_a_reference_that_is_anothers_second_in_the_same_document_makes_no_procedure(
    db: Database,
) -> None:
    both = [replace(IP1783, aliases=("IPG749",)), replace(IP1783, reference="IPG749")]
    origin = Origin(key="web:list", actor="source list", page_read_at=BEGIN, watched=True, fetched=True)
    for hours in range(2):
        now = BEGIN + hours * HOUR
        done = await take_in(db, both, replace(origin, page_read_at=now), intake=INTAKE, now=now)
        assert [one.reference for one in done.taken] == [IP1783.reference]
        assert len(done.problems) == 1
    assert [row["slug"] for row in await rows(db, procedure)] == [IP1783.reference]
