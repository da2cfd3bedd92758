"""Ada at the page of her preferences: the link as the mail makes it, the forms as a browser sends them."""

import re
from dataclasses import dataclass
from html import unescape

from aiohttp.test_utils import TestClient
from sqlalchemy import select

from notifier.db import Database
from notifier.subscriptions.tables import access, address_change
from notifier.subscriptions.tokens import Purpose
from notifier.web.keys import Site
from tests.web.people import ADA
from tests.web.reading import PAGE

MINE = "/preferences/mine"
SESSION = re.compile(r'name="session" value="([a-z2-7]+)"')


async def ask_link(client: TestClient, address: str = ADA, status: int = 200) -> str:
    form = {"address": address, "website": ""}
    async with client.post("/preferences", data=form, headers=PAGE) as answer:
        assert answer.status == status
        return await answer.text()


async def access_link(db: Database, site: Site) -> str:
    """The link that was mailed last."""
    async with db.read() as conn:
        row = (await conn.execute(select(access).order_by(access.c.id.desc()).limit(1))).one()
    return f"/preferences/open/{site.signer.sign(Purpose.ACCESS, row.id, row.nonce)}"


async def new_address_link(db: Database, site: Site) -> str:
    async with db.read() as conn:
        row = (await conn.execute(select(address_change).order_by(address_change.c.id.desc()))).first()
    assert row is not None
    return f"/new-address/{site.signer.sign(Purpose.NEW_ADDRESS, row.id, row.nonce)}"


@dataclass
class Mine:
    """An open page: what it shows, and its session."""

    client: TestClient
    page: str

    @property
    def session(self) -> str:
        found = SESSION.search(self.page)
        assert found is not None
        return found[1]

    @property
    def rows(self) -> list[str]:
        """The numbers that the page's forms carry, in their order."""
        return re.findall(r'name="id" value="(\d+)"', self.page)

    async def press(self, do: str, status: int = 200, **fields: str) -> str:
        """Send one of the page's forms. Return the page that comes."""
        form = {"session": self.session, "do": do} | fields
        async with self.client.post(MINE, data=form, headers=PAGE) as answer:
            page = await answer.text()
            assert answer.status == status, page
        self.page = page if SESSION.search(page) else self.page
        return unescape(page)


async def opened(client: TestClient, db: Database, site: Site, address: str = ADA) -> Mine:
    await ask_link(client, address)
    async with client.post(await access_link(db, site), headers=PAGE) as answer:
        assert answer.status == 200
        return Mine(client=client, page=await answer.text())
