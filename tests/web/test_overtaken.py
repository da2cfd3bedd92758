"""Whoever comes second in the same instant is answered all the same, after the first (PostgreSQL)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import URL, text

from notifier.db import Database, Rank
from notifier.web.keys import Site
from tests.web.people import confirm_link, send
from tests.web.web_cast import seed

REFUSALS = ("40P01", "40001", "23505")
"""A deadlock, a serialization failure, and a row that another wrote a moment before (its appendix A)."""


@pytest.fixture
async def db(postgresql_url: URL, tmp_path: Path) -> AsyncIterator[Database]:
    """PostgreSQL, with every topic of `web_cast`."""
    database = Database(postgresql_url, home=tmp_path / "notifier.db")
    await seed(database)
    yield database
    await database.dispose()


@asynccontextmanager
async def _refusing_once(db: Database, code: str, times: int = 1) -> AsyncIterator[None]:
    """Let the first so many changes of a subscription fail as if another came first; what counts is kept."""
    refusal = f"RAISE EXCEPTION 'overtaken' USING ERRCODE = '{code}'"
    body = f"BEGIN IF nextval('refusals') <= {times} THEN {refusal}; END IF; RETURN NEW; END"
    async with db.write(Rank.HOUSEKEEPING) as conn:
        for statement in (
            "CREATE SEQUENCE refusals",
            f"CREATE FUNCTION refuse() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql",
            "CREATE TRIGGER refusing BEFORE UPDATE ON subscription FOR EACH ROW EXECUTE FUNCTION refuse()",
        ):
            await conn.execute(text(statement))
    yield
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("DROP FUNCTION refuse CASCADE"))
        await conn.execute(text("DROP SEQUENCE refusals"))


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_confirmation_that_was_overtaken_is_done_again(
    client: TestClient, db: Database, site: Site, code: str
) -> None:
    await send(client)
    link = await confirm_link(db, site)
    async with _refusing_once(db, code), client.post(link) as answer:
        assert answer.status == 200
    async with db.read() as conn:
        assert await conn.scalar(text("SELECT state FROM subscription")) == "active"


async def test_it_is_not_tried_for_ever(client: TestClient, db: Database, site: Site) -> None:
    await send(client)
    link = await confirm_link(db, site)
    async with _refusing_once(db, "40P01", times=2), client.post(link) as answer:
        assert answer.status == 503


async def test_what_no_other_can_have_caused_is_not_tried_again(
    client: TestClient, db: Database, site: Site
) -> None:
    await send(client)
    link = await confirm_link(db, site)
    async with _refusing_once(db, "53100"), client.post(link) as answer:  # the disk is full
        assert answer.status == 503
