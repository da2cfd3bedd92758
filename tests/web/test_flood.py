"""A flood against one mailbox, from ever new networks: it is written to so often as the settings say."""

import asyncio
from collections import Counter

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import func, select

from notifier.db import Database
from notifier.delivery.tables import delivery
from notifier.web.keys import Site
from tests.web.mine import opened
from tests.web.people import FORM, confirmed

pytestmark = pytest.mark.usefixtures("seeded")

MANY = 300
"""Over HTTP; ten thousand are sent to the use case itself (`tests/subscriptions/test_bad_input.py`)."""
AT_A_TIME = 50
VICTIM = "vera@example.org"


async def _mails(db: Database) -> int:
    async with db.read() as conn:
        return await conn.scalar(select(func.count()).select_from(delivery)) or 0


async def _flood(client: TestClient, path: str, many: int, **form: str) -> Counter[int]:
    """Send a form many times, each time from another network and in another spelling of the address."""
    statuses: Counter[int] = Counter()

    async def send(n: int) -> None:
        spelt = VICTIM if n % 3 else f"vera+{n}@example.org" if n % 2 else "Vera@Example.org"
        headers = {"X-Forwarded-For": f"198.18.{n // 250 % 250}.{n % 250}"}
        async with client.post(path, data={"address": spelt} | form, headers=headers) as answer:
            await answer.read()
            statuses[answer.status] += 1

    for first in range(0, many, AT_A_TIME):
        await asyncio.gather(*(send(n) for n in range(first, min(first + AT_A_TIME, many))))
    return statuses


async def test_a_flood_of_sign_ups_makes_no_more_mails_than_the_settings_allow(
    client: TestClient, db: Database, site: Site
) -> None:
    about = {"to": FORM["to"], "topic": FORM["topic"], "preset": "every-step"}
    assert await _flood(client, "/subscribe", MANY, **about) == {200: MANY}
    assert await _mails(db) == site.limits.per_address_and_day


async def test_a_flood_of_asking_for_links_does_not_either(
    client: TestClient, db: Database, site: Site
) -> None:
    await confirmed(client, db, site, address=VICTIM)
    before = await _mails(db)
    assert await _flood(client, "/preferences", MANY) == {200: MANY}
    assert await _mails(db) == before + site.limits.per_address_and_day


async def test_nor_does_a_flood_of_changes_to_the_address(
    client: TestClient, db: Database, site: Site
) -> None:
    await confirmed(client, db, site)
    mine = await opened(client, db, site)
    before = await _mails(db)
    form = {"session": mine.session, "do": "address"}
    assert await _flood(client, "/preferences/mine", MANY, **form) == {200: MANY}
    assert await _mails(db) == before + site.limits.per_address_and_day
