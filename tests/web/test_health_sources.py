"""Health and the sources of dates: what is unread, what is silent for it, and what a page says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import update

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.procedures import source_store
from notifier.procedures.due import CheckedAs, DueState
from notifier.procedures.tables import due, procedure
from notifier.web.health_facts import Now, Running, Source, State, Stored
from notifier.web.vital_signs import judge
from tests.web.reading import PAGE
from tests.web.web_cast import NOW, PlainVitals, StillClock
from tests.web.web_cast import READ_AT as PAGE_READ_AT

MOMENT = Now(
    calendar=datetime(2022, 10, 13, 9, 0, tzinfo=UTC),
    machine=datetime(2026, 11, 1, 12, 0, tzinfo=UTC),
    zone=ZoneInfo("Europe/London"),
)
QUIET = Stored(coming=None, unannounced_since=None, mail_since=None, unaddressed_since=None)
RUNNING = Running(
    started_at=MOMENT.machine, swept_at=MOMENT.machine, sweep_seconds=30, fault=None, source_problems=()
)
WORDS = "https://www.nice.example/list answered 503 Service Unavailable"


def ago(**parts: float) -> datetime:
    return MOMENT.calendar - timedelta(**parts)


def source(
    *, read: float | None = 1, failing: float | None = None, next_in: float = 1, name: str = "nice-list"
) -> Source:
    """A source that was read, and began to fail, so many hours ago."""
    return Source(
        name=name,
        read_at=None if read is None else ago(hours=read),
        next_at=MOMENT.calendar + timedelta(hours=next_in),
        failing_since=None if failing is None else ago(hours=failing),
        problem=None if failing is None else WORDS,
    )


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (source(read=1), State.OK),
        (source(read=24, failing=23), State.OK),
        (source(read=24.1, failing=23), State.ATTENTION),
        (source(read=None, failing=23.9), State.OK),
        (source(read=None, failing=24.1), State.ATTENTION),
        # It is read every other day, as the operator wanted; or it was to be, and nobody did.
        (source(read=40, next_in=8), State.OK),
        (source(read=40, next_in=-25), State.ATTENTION),
        # Never red, however long: nothing was due.
        (source(read=2000, failing=1999), State.ATTENTION),
    ],
)
def test_a_source_asks_for_attention_after_a_day(found: Source, state: State) -> None:
    assert judge(replace(QUIET, sources=(found,)), RUNNING, MOMENT).state is state


def test_an_unread_source_is_named_with_its_age_its_reason_and_what_to_do() -> None:
    found = judge(replace(QUIET, sources=(source(read=26, failing=25),)), RUNNING, MOMENT)
    assert found.sentence == "Attention. Source “nice-list” has been unread for 26 hours. No date is to come."
    (problem,) = found.problems
    assert problem.since == ago(hours=26)
    assert problem.detail == f"nice-list: {WORDS}"
    assert "change the url of “nice-list” in [[sources]]" in problem.advice


def test_several_unread_sources_are_one_sentence_and_a_line_each() -> None:
    several = (source(read=30, failing=29), source(read=50, failing=49, name="other"))
    found = judge(replace(QUIET, sources=several), RUNNING, MOMENT)
    assert "Sources “other” and 1 more have been unread for up to 50 hours." in found.sentence
    assert found.problems[0].detail.count("\n") == 1


def test_a_server_that_does_not_answer_is_no_mistake_in_a_file() -> None:
    stored = replace(QUIET, sources=(source(read=1, failing=0.5),))
    failing = replace(RUNNING, source_problems=(WORDS,))
    assert judge(stored, failing, MOMENT).state is State.OK
    both = replace(RUNNING, source_problems=(WORDS, "config/procedures/a.toml:3: expected a date"))
    found = judge(stored, both, MOMENT)
    assert "1 source of dates could not be read." in found.sentence
    assert found.problems[0].detail == "config/procedures/a.toml:3: expected a date"


def test_a_date_silent_for_a_day_because_of_its_source_is_red() -> None:
    found = judge(replace(QUIET, silent_since=ago(hours=25)), RUNNING, MOMENT)
    assert found.state is State.BROKEN
    assert found.sentence.startswith(
        "Broken. A date due at 9am on 12 October 2022 is silent because its source cannot be read."
    )
    assert found.since == ago(hours=25)


@pytest.fixture
def awake(vitals: PlainVitals) -> None:
    vitals.started_at = vitals.swept_at = machine_now()


async def fail(db: Database, key: str, *, hours: float) -> None:
    async with db.write(Rank.WEB) as conn:
        since = NOW - timedelta(hours=hours)
        await source_store.note_failure(conn, key, WORDS, now=since, next_at=NOW + timedelta(hours=1))


async def health(client: TestClient) -> tuple[int, dict[str, object]]:
    answer = await client.get("/health", headers={"Accept": "application/json"})
    return answer.status, await answer.json()


async def test_the_details_list_every_source_that_is_asked(
    client: TestClient, db: Database, seeded: None, awake: None
) -> None:
    await fail(db, "web:nice-list", hours=30)
    status, found = await health(client)
    assert (status, found["state"]) == (200, "attention")
    assert found["sources"] == [
        {
            "name": "nice-list",
            "read": "never",
            "read_at": None,
            "next": (NOW + timedelta(hours=1)).isoformat(timespec="seconds"),
            "failing_since": (NOW - timedelta(hours=30)).isoformat(timespec="seconds"),
            "sentence": WORDS,
            "advice": (
                "See whether its address answers; if it has moved, change the url of “nice-list” in "
                "[[sources]]. Until then its dates stay in force as they were last read."
            ),
        }
    ]


async def test_a_stranger_is_told_the_name_and_not_the_reason(
    client: TestClient, db: Database, seeded: None, awake: None
) -> None:
    await fail(db, "web:nice-list", hours=30)
    answer = await client.get("/health", headers={"X-Forwarded-For": "203.0.113.9"})
    body = await answer.text()
    assert "“nice-list”" in body
    assert "503" not in body


async def test_a_source_read_an_hour_ago_is_well(
    client: TestClient, db: Database, seeded: None, awake: None
) -> None:
    async with db.write(Rank.WEB) as conn:
        await source_store.note(conn, "web:nice-list", now=NOW - timedelta(hours=1))
        await source_store.schedule(conn, "web:nice-list", next_at=NOW, etag=None, last_modified=None)
        await source_store.note(conn, "file:a.toml", now=NOW - timedelta(days=90))
    _, found = await health(client)
    assert found["state"] == "ok"
    assert [(one["name"], one["read"], one["advice"]) for one in found["sources"]] == [  # type: ignore[attr-defined]
        ("nice-list", "60 minutes ago", None)
    ]


async def test_a_source_that_nobody_asks_any_more_is_no_concern(
    client: TestClient, db: Database, seeded: None, awake: None
) -> None:
    async with db.write(Rank.WEB) as conn:
        await source_store.note(conn, "web:once", now=NOW - timedelta(days=90))
    _, found = await health(client)
    assert (found["state"], found["sources"]) == ("ok", [])


async def test_a_date_held_because_its_source_is_silent_turns_health_red_after_a_day(
    client: TestClient, db: Database, clock: StillClock, seeded: None, awake: None
) -> None:
    clock.instant = NOW + timedelta(days=80)
    async with db.write(Rank.WEB) as conn:
        one = await conn.scalar(due.select().with_only_columns(due.c.id).where(due.c.state == "pending"))
        since = clock.instant - timedelta(hours=23)
        await conn.execute(update(due).values(state=DueState.ANNOUNCED))
        silent = {"state": DueState.HELD, "checked_as": CheckedAs.UNREADABLE, "due_at": since}
        await conn.execute(update(due).where(due.c.id == one).values(silent))
    assert (await health(client))[0] == 200
    clock.instant += timedelta(hours=2)
    status, found = await health(client)
    assert status == 503
    assert "is silent because its source cannot be read" in str(found["sentence"])


async def test_the_page_says_since_when_its_source_cannot_be_read(
    client: TestClient, db: Database, seeded: None
) -> None:
    async with db.write(Rank.WEB) as conn:
        mine = procedure.c.slug == "GID-IPG10158"
        await conn.execute(update(procedure).where(mine).values(source_key="web:nice-list"))
    await fail(db, "web:other", hours=1)
    page = await (await client.get("/procedures/GID-IPG10158", headers=PAGE)).text()
    assert "Read from NICE&#39;s page today at 8:55am." in page
    async with db.write(Rank.WEB) as conn:
        since = PAGE_READ_AT + timedelta(hours=1)
        await source_store.note_failure(conn, "web:nice-list", WORDS, now=since, next_at=NOW)
    page = await (await client.get("/procedures/GID-IPG10158", headers=PAGE)).text()
    words = "page could not be read since today at 9:55am; these dates are from 8:55am on 14 October 2022."
    assert words in page
    assert "503" not in page
