"""Ada, who asks for alerts. Her links are made as the mail makes them."""

from aiohttp.test_utils import TestClient
from sqlalchemy import select

from notifier.db import Database
from notifier.delivery.tables import delivery
from notifier.subscriptions import store
from notifier.subscriptions.model import Subscription, SubscriptionState
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.tokens import Purpose
from notifier.web.keys import Site
from tests.web.reading import PAGE

ADA = "ada@example.org"
FORM = {"to": "GID-IPG10158", "topic": "GID-IPG10158", "preset": "deadlines", "address": ADA, "website": ""}


async def send(client: TestClient, status: int = 200, **changed: str) -> str:
    async with client.post("/subscribe", data=FORM | changed, headers=PAGE) as answer:
        assert answer.status == status
        return await answer.text()


async def all_subscriptions(db: Database) -> list[Subscription]:
    async with db.read() as conn:
        ids = list(await conn.scalars(select(subscription.c.id).order_by(subscription.c.id)))
        return list((await store.load(conn, ids)).values())


async def confirm_link(db: Database, site: Site) -> str:
    one = (await all_subscriptions(db))[-1]
    return f"/confirm/{site.signer.sign(Purpose.CONFIRM, one.id, one.nonce)}"


async def stop_link(db: Database, site: Site) -> str:
    """The link in the mail that says "you already get these alerts"."""
    async with db.read() as conn:
        row = (await conn.execute(select(delivery).order_by(delivery.c.id.desc()).limit(1))).one()
        nonce = await store.nonce_of(conn, row.subscriber_id)
    assert nonce is not None
    return f"/stop/{site.signer.sign(Purpose.STOP, row.id, nonce)}"


async def confirmed(client: TestClient, db: Database, site: Site, address: str = ADA) -> str:
    """Ada follows IP1783; return the link that stops it."""
    await send(client, address=address)
    assert (await client.post(await confirm_link(db, site))).status == 200
    await send(client, address=address)
    return await stop_link(db, site)


async def ended(db: Database) -> str | None:
    async with db.read() as conn:
        row = (await conn.execute(select(subscription.c.state, subscription.c.ended_reason))).one()
    assert row.state == SubscriptionState.ENDED
    reason: str | None = row.ended_reason
    return reason
