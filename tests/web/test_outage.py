"""While the database does not answer: who asks is told to come again, who runs it what is wrong."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import URL, make_url

from notifier.clock import machine_now
from notifier.db import Database, sqlite_url
from notifier.web.app import build
from notifier.web.keys import Site
from tests.web.web_cast import PUBLIC_URL, PlainVitals

NOBODY = make_url("postgresql+psycopg://notifier:s3cret@127.0.0.1:1/alerts")
HTML, HERE = {"Accept": "text/html"}, {"Accept": "application/json"}


@pytest.fixture(params=["sqlite", "postgresql"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Where no database answers: a file in no folder, a server that is not there."""
    return NOBODY if request.param == "postgresql" else sqlite_url(tmp_path / "gone" / "notifier.db")


@pytest.fixture
async def client(site: Site, vitals: PlainVitals, nowhere: URL) -> AsyncIterator[TestClient]:
    """A client of the whole application without its database."""
    vitals.started_at = vitals.swept_at = machine_now()
    db = Database(nowhere)
    async with TestClient(TestServer(build(replace(site, db=db), vitals))) as found:
        yield found
    await db.dispose()
    for thread in threading.enumerate():
        if "_connection_worker" in thread.name:  # what could not be opened answers its loop once more
            await asyncio.to_thread(thread.join)


@pytest.mark.parametrize(
    "path", ["/", "/feeds/all.atom", "/feeds/GID-1.rss", "/calendar/all.ics", "/subscribe"]
)
async def test_every_reader_is_asked_to_come_again(client: TestClient, path: str) -> None:
    async with client.get(path, headers=HTML) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        said = await answer.text()
    assert "Our database does not answer. No alerts are lost by it." in said
    async with client.get(path, headers=HERE) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert answer.content_type == "application/problem+json"


async def test_a_sign_up_is_asked_to_come_again(client: TestClient) -> None:
    sent = {"address": "ada@example.org", "to": "all", "preset": "deadlines"}
    async with client.post("/subscribe", data=sent, headers=HTML | {"Origin": PUBLIC_URL}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")


async def test_the_log_holds_a_line_and_neither_password_nor_traceback(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await client.get("/")
    found = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert [one.message for one in found] == ["request_not_answered"] * 3
    assert all(one.exc_info is None and "\n" not in one.__dict__["why"] for one in found)
    assert "s3cret" not in caplog.text + json.dumps([str(one.__dict__) for one in found])


async def test_health_names_the_database_and_its_words_to_insiders_alone(
    client: TestClient, nowhere: URL
) -> None:
    async with client.get("/health", headers=HERE) as answer:
        assert answer.status == 503
        problem = (await answer.json())["problems"][0]
    said = problem["detail"] + problem["advice"]
    if nowhere == NOBODY:
        assert 'From the database "alerts" on 127.0.0.1: ' in problem["detail"]
        assert "refused" in problem["detail"]
        assert "disk" not in said
    else:
        assert f"From {nowhere.database}: unable to open database file" in problem["detail"]
        assert "Look at the disk" in problem["advice"]
    assert "s3cret" not in said
    async with client.get("/health", headers=HERE | {"X-Forwarded-For": "203.0.113.9"}) as answer:
        assert "127.0.0.1" not in await answer.text()
