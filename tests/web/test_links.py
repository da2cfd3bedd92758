"""Confirming and stopping by the links in mails, over a real socket."""

import re
from datetime import timedelta

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update

from notifier.db import Database, Rank
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscription, subscription_history
from notifier.web.keys import Site
from tests.web.people import ADA, all_subscriptions, confirm_link, confirmed, ended, send, stop_link
from tests.web.reading import PAGE

pytestmark = pytest.mark.usefixtures("seeded")


class TestConfirming:
    async def test_looking_does_nothing_and_names_what_is_asked(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await send(client)
        link = await confirm_link(db, site)
        for _ in range(2):
            async with client.get(link) as answer:
                page = await answer.text()
                assert answer.status == 200
                assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "(IP1783)" in page
        assert "a•••@example.org" in page
        assert ADA not in page
        assert (await all_subscriptions(db))[0].state is SubscriptionState.PENDING

    async def test_the_words_name_what_comes_and_how_soon(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await send(client, to="process:ip", preset="deadlines", rhythm="weekly", reminders="no")
        async with client.get(await confirm_link(db, site)) as answer:
            page = await answer.text()
        assert "alerts about all topics of “IP” by email to a•••@example.org" in page
        assert ": Deadlines and results, weekly, Mondays at 9am, without reminders." in page
        await client.post(await confirm_link(db, site))
        [active] = await all_subscriptions(db)
        assert active.kinds == reminding(kinds_of(Preset.DEADLINES), on=False)

    async def test_the_button_confirms_and_keeps_the_words_that_were_shown(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await send(client)
        link = await confirm_link(db, site)
        async with client.get(link) as answer:
            shown = re.search(r'<p class="asked">(.*?)</p>', await answer.text())
        async with client.post(link) as answer:
            assert answer.status == 200
            assert "<h1>Confirmed</h1>" in await answer.text()
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE
        async with db.read() as conn:
            wording = await conn.scalar(
                select(subscription_history.c.detail).where(subscription_history.c.what == "confirmed")
            )
        assert shown is not None
        assert wording == f"{shown[1]} [Confirm]"

    async def test_a_second_press_says_that_it_is_done(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await send(client)
        link = await confirm_link(db, site)
        await client.post(link)
        for answer in (await client.post(link), await client.get(link)):
            assert answer.status == 200
            assert "<h1>Already confirmed</h1>" in await answer.text()

    async def test_an_old_link_leads_back_to_the_form(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await send(client)
        link = await confirm_link(db, site)
        async with db.write(Rank.WEB) as conn:
            asked = (await conn.execute(select(subscription.c.confirm_until))).scalar_one()
            await conn.execute(update(subscription).values(confirm_until=asked - timedelta(hours=49)))
        for answer in (await client.get(link), await client.post(link)):
            assert answer.status == 410
            assert 'href="/subscribe?to=GID-IPG10158"' in await answer.text()
        assert (await all_subscriptions(db))[0].state is SubscriptionState.PENDING

    @pytest.mark.parametrize("token", ["x", "a" * 60, "ä", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
    async def test_a_link_that_is_none_tells_nothing(self, client: TestClient, token: str) -> None:
        for answer in (await client.get(f"/confirm/{token}"), await client.post(f"/confirm/{token}")):
            assert answer.status == 404
            assert "This link does not work" in await answer.text()

    async def test_a_stop_link_confirms_nothing(self, client: TestClient, db: Database, site: Site) -> None:
        await send(client)
        link = (await stop_link(db, site)).replace("/stop/", "/confirm/")
        assert (await client.post(link)).status == 404


class TestStopping:
    async def test_looking_does_nothing_and_hides_the_address(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        link = await confirmed(client, db, site)
        async with client.get(link) as answer:
            page = await answer.text()
            assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "<h1>Stop these alerts?</h1>" in page
        assert "(IP1783), to a•••@example.org" in page
        assert ADA not in page
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE

    async def test_the_button_stops(self, client: TestClient, db: Database, site: Site) -> None:
        link = await confirmed(client, db, site)
        async with client.post(link, data={"stop": "yes"}) as answer:
            assert answer.status == 200
            assert "<h1>Stopped</h1>" in await answer.text()
        assert await ended(db) == "stopped with the link in a mail"
        async with client.get(link) as answer:
            assert "<h1>Already stopped</h1>" in await answer.text()

    @pytest.mark.parametrize("multipart", [False, True])
    async def test_one_click_stops_once_however_often_it_comes(
        self, client: TestClient, db: Database, site: Site, multipart: bool
    ) -> None:
        link = await confirmed(client, db, site)
        for _ in range(2):
            body = FormData({"List-Unsubscribe": "One-Click"}, default_to_multipart=multipart)
            headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
            async with client.post(link, data=body, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 200
                assert answer.content_type == "text/plain"
                assert await answer.text() == "Stopped.\n"
        assert await ended(db) == "stopped by one-click"

    async def test_a_mail_that_nothing_is_sent_for_is_not_said_to_be_stopped(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        """The link stands in a mail about the address as a whole, which no subscription caused."""
        await confirmed(client, db, site)
        await client.post("/preferences", data={"address": ADA, "website": ""}, headers=PAGE)
        link = await stop_link(db, site)
        async with client.post(link, data={"List-Unsubscribe": "One-Click"}) as answer:
            assert answer.status == 200
            assert await answer.text() == "Nothing is being sent for this.\n"
        for answer in (await client.get(link), await client.post(link, data={"stop": "yes"})):
            page = await answer.text()
            assert answer.status == 200
            assert "<h1>Nothing to stop</h1>" in page
            assert "erased" not in page
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE

    @pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "no"}, {"stop": "no"}])
    async def test_a_post_that_asks_for_nothing_stops_nothing(
        self, client: TestClient, db: Database, site: Site, body: dict[str, str]
    ) -> None:
        link = await confirmed(client, db, site)
        assert (await client.post(link, data=body)).status == 400
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE

    async def test_a_link_that_is_none_tells_nothing(self, client: TestClient) -> None:
        for data in (None, {"stop": "yes"}):
            answer = await (client.post("/stop/x", data=data) if data else client.get("/stop/x"))
            assert answer.status == 404
            assert "This link does not work" in await answer.text()
        assert (await client.post("/stop/x", data={"List-Unsubscribe": "One-Click"})).status == 404
