"""The page of preferences over a real socket: one link, one opening, no cookie, every change."""

import json
import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update

from notifier.db import Database, Rank
from notifier.delivery.tables import delivery
from notifier.subscriptions.model import EndReason, ReplyKind, Rhythm, SubscriptionState
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import access, reply, subscriber
from notifier.web.keys import Site
from tests.web.conftest import Bell
from tests.web.mine import MINE, access_link, ask_link, new_address_link, opened
from tests.web.people import ADA, all_subscriptions, confirm_link, confirmed, send
from tests.web.reading import PAGE, html, words
from tests.web.web_cast import NOW, StillClock

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture
async def ada(client: TestClient, db: Database, site: Site) -> str:
    """Ada follows IP1783; return the link that stops it."""
    return await confirmed(client, db, site)


async def _replies(db: Database) -> list[str]:
    async with db.read() as conn:
        return list(await conn.scalars(select(reply.c.kind).order_by(reply.c.id)))


async def _age_access(db: Database, by: timedelta) -> None:
    """Let time pass for every link and page."""
    async with db.write(Rank.WEB) as conn:
        for row in (await conn.execute(select(access))).all():
            values = {"until": row.until - by, "opened_at": row.opened_at and row.opened_at - by}
            await conn.execute(update(access).where(access.c.id == row.id).values(values))


class TestAskingForTheLink:
    async def test_every_page_leads_to_the_form(self, client: TestClient) -> None:
        assert '<a href="/preferences">Change what you get</a>' in await html(client, "/")
        assert "The email address that gets alerts" in await html(client, "/preferences")

    @pytest.mark.usefixtures("ada")
    async def test_the_answer_is_the_same_for_known_unknown_suppressed_and_fenced(
        self, client: TestClient, db: Database, site: Site, bell: Bell
    ) -> None:
        async with db.write(Rank.WEB) as conn:
            key = site.signer.address_hash("sue@example.org")
            await suppress(conn, key, EndReason.COMPLAINED, now=NOW, until=None)
        rung = len(bell.rung)
        heard = {
            address: (await ask_link(client, address)).replace(address, "…")
            for address in (ADA, "nobody@example.org", "sue@example.org")
        }
        for _ in range(3):
            heard["fenced"] = (await ask_link(client)).replace(ADA, "…")
        assert len(set(heard.values())) == 1
        assert (await _replies(db)).count(ReplyKind.ACCESS) == 3
        assert len(bell.rung) == rung + 6

    @pytest.mark.usefixtures("ada")
    async def test_a_program_that_fills_the_hidden_field_gets_the_answer_and_nothing_else(
        self, client: TestClient, db: Database
    ) -> None:
        form = {"address": ADA, "website": "https://spam.example"}
        async with client.post("/preferences", data=form, headers=PAGE) as answer:
            assert "Check your mail" in await answer.text()
        assert ReplyKind.ACCESS not in await _replies(db)

    @pytest.mark.parametrize("address", ["", "ada", "ada@x@y", "ädä@example.org", "a" * 400])
    async def test_what_is_no_address_comes_back(self, client: TestClient, address: str) -> None:
        page = await ask_link(client, address, 422)
        assert 'id="address-error"' in page
        assert f'name="address" value="{address[:320]}"' in page

    async def test_an_address_that_we_cannot_send_to_yet_is_not_called_wrong(
        self, client: TestClient
    ) -> None:
        page = await ask_link(client, "zoë@example.org", 422)
        assert "The part before the @ has letters that we cannot send to yet." in page

    async def test_another_site_is_refused(self, client: TestClient) -> None:
        headers = PAGE | {"Sec-Fetch-Site": "cross-site"}
        for path in ("/preferences", "/preferences/open/x", MINE, "/new-address/x"):
            async with client.post(path, data={"address": ADA}, headers=headers) as answer:
                assert answer.status == 403, path


@pytest.mark.usefixtures("ada")
class TestOpening:
    async def test_looking_uses_nothing_up_and_shows_no_address(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await ask_link(client)
        link = await access_link(db, site)
        for _ in range(3):
            page = await html(client, link)
            assert "Open my alerts" in page
            assert "example.org" not in page
            assert "IP1783" not in page

    async def test_the_button_opens_the_page_once_and_nothing_is_kept_in_the_browser(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await ask_link(client)
        link = await access_link(db, site)
        async with client.post(link, headers=PAGE) as answer:
            page = words(await answer.text())
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in answer.headers
        assert f"Everything that goes to {ADA}" in page
        assert "(IP1783)" in page
        async with client.post(link, headers=PAGE) as answer:
            assert answer.status == 410
            assert "This link was used" in await answer.text()

    async def test_a_link_that_has_ended_says_so_and_where_to_ask_again(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await ask_link(client)
        await _age_access(db, timedelta(minutes=31))
        link = await access_link(db, site)
        for ask in (client.get, client.post):
            async with ask(link, headers=PAGE) as answer:
                page = await answer.text()
                assert answer.status == 410
                assert "This link has ended" in page
                assert 'href="/preferences">Ask for a new link' in page

    async def test_a_page_that_has_ended_changes_nothing(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        mine = await opened(client, db, site)
        await _age_access(db, timedelta(minutes=31))
        for do in ("stop-all", "data", "erase", "address", "back"):
            page = await mine.press(do, 410, address="x@example.org", sure="yes")
            assert "This page has ended" in page
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE
        async with client.get(MINE, headers=PAGE) as answer:
            assert answer.status == 410
            assert "This page has ended" in await answer.text()

    @pytest.mark.parametrize("session", ["", "x", "a" * 39, "7" * 64, "é"])
    async def test_a_page_of_nobodys_is_none(self, client: TestClient, session: str) -> None:
        form = {"session": session, "do": "data"}
        async with client.post(MINE, data=form, headers=PAGE) as answer:
            assert answer.status == 404
            assert ADA not in await answer.text()


@pytest.mark.usefixtures("ada")
class TestChanging:
    async def test_preset_and_rhythm(self, client: TestClient, db: Database, site: Site) -> None:
        mine = await opened(client, db, site)
        page = await mine.press("change", id=mine.rows[0], preset="openings", rhythm="weekly")
        assert "Saved." in page
        assert re.search(r'value="weekly" selected', page)
        assert (await all_subscriptions(db))[0].rhythm is Rhythm.WEEKLY

    async def test_stopping_and_undoing(self, client: TestClient, db: Database, site: Site) -> None:
        mine = await opened(client, db, site)
        page = await mine.press("stop", id=mine.rows[0])
        assert "Stopped. You can undo this below." in page
        assert "Stopped on 14 October 2022; this can be undone until 21 October 2022." in page
        assert "No alerts go to this address." in page
        assert "Undone: these alerts go on." in await mine.press("undo", id=mine.rows[0])
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE
        assert "Everything is stopped." in await mine.press("stop-all")
        assert (await all_subscriptions(db))[0].ended_reason == EndReason.PREFERENCES

    async def test_reminders(self, client: TestClient, db: Database, site: Site) -> None:
        mine = await opened(client, db, site)
        assert "Reminders are <strong>off</strong>" in await mine.press("reminders", reminders="no")
        assert not (await all_subscriptions(db))[0].reminders
        assert "Reminders are <strong>on</strong>" in await mine.press("reminders", reminders="yes")

    async def test_another_address(self, client: TestClient, db: Database, site: Site) -> None:
        mine = await opened(client, db, site)
        page = await mine.press("address", address="ada@new.example")
        assert "We are writing to ada@new.example." in page
        link = await new_address_link(db, site)
        page = await html(client, link)
        assert "Send your alerts here?" in page
        assert "a•••@new.example" in page
        assert ADA not in page
        async with client.post(link, headers=PAGE) as answer:
            assert "<h1>Changed</h1>" in await answer.text()
        async with db.read() as conn:
            assert await conn.scalar(select(subscriber.c.address)) == "ada@new.example"
        assert "This page has ended" in await mine.press("back", 404)

    async def test_an_address_with_alerts_of_its_own_is_told_so_there_and_only_there(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        await send(client, address="ben@example.org")
        await client.post(await confirm_link(db, site))
        mine = await opened(client, db, site)
        said = words(await mine.press("address", address="ben@example.org"))
        assert "We are writing to ben@example.org." in said
        link = await new_address_link(db, site)
        for ask in (client.get, client.post):
            async with ask(link, headers=PAGE) as answer:
                assert answer.status == 409
                assert "This address gets alerts of its own already" in await answer.text()
        assert {one.address for one in await all_subscriptions(db)} == {ADA, "ben@example.org"}

    async def test_a_new_address_that_is_none_is_asked_again(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        mine = await opened(client, db, site)
        page = await mine.press("address", 422, address="nonsense")
        assert 'name="address" value="nonsense"' in page
        assert 'aria-describedby="address-error"' in page

    @pytest.mark.parametrize(
        "form",
        [
            {"do": "change", "id": "1", "preset": "nonsense", "rhythm": "daily"},
            {"do": "change", "id": "1", "preset": "openings", "rhythm": "hourly"},
            {"do": "change", "id": "x", "preset": "openings", "rhythm": "daily"},
            {"do": "change", "id": "²", "preset": "openings", "rhythm": "daily"},
            {"do": "stop"},
            {"do": "stop", "id": "9" * 40},
            {"do": "reminders", "reminders": "perhaps"},
            {"do": "nonsense"},
            {},
        ],
    )
    async def test_what_no_form_of_ours_sends_is_refused(
        self, client: TestClient, db: Database, site: Site, form: dict[str, str]
    ) -> None:
        mine = await opened(client, db, site)
        sent = {"session": mine.session} | form
        assert (await client.post(MINE, data=sent, headers=PAGE)).status == 400
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE


@pytest.mark.usefixtures("ada")
class TestOnesOwnData:
    async def test_is_one_file_with_all_of_it(self, client: TestClient, db: Database, site: Site) -> None:
        mine = await opened(client, db, site)
        await mine.press("change", id=mine.rows[0], preset="openings", rhythm="daily")
        form = {"session": mine.session, "do": "data"}
        async with client.post(MINE, data=form, headers=PAGE) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Disposition"] == 'attachment; filename="my-alerts.json"'
            assert answer.headers["Cache-Control"] == "no-store"
            found = json.loads(await answer.text())
        assert (found["address"], found["language"], found["reminders"]) == (ADA, "en", True)
        [alerts] = found["alerts"]
        assert alerts["chosen"] == "Openings only, daily at 9am"
        assert [line["what"] for line in alerts["history"]] == ["asked", "confirmed", "changed"]
        assert {mail["about"][0] for mail in found["mails"]} == {
            "answer to a form: confirm",
            "answer to a form: already",
            "answer to a form: access",
        }

    async def test_is_erased_at_once_when_asked_twice(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        mine = await opened(client, db, site)
        assert "Erase everything?" in await mine.press("erase")
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE
        assert "Your alerts" in await mine.press("back")
        await mine.press("erase")
        assert "Your address is deleted" in await mine.press("erase", sure="yes")
        [gone] = await all_subscriptions(db)
        assert (gone.address, gone.ended_reason) == ("", EndReason.ERASED)
        assert "This page has ended" in await mine.press("back", 404)


async def _press(client: TestClient, link: str, **form: str) -> str:
    async with client.post(link, data=form, headers=PAGE) as answer:
        assert answer.status == 200
        return words(await answer.text())


class TestTheLinkInAMail:
    async def test_undoes_for_seven_days_what_it_stopped(
        self, client: TestClient, db: Database, ada: str, clock: StillClock
    ) -> None:
        page = await _press(client, ada, stop="yes")
        assert "Undo: send them again" in page
        clock.instant = NOW + timedelta(days=7)
        assert "Undo: send them again" in words(await html(client, ada))
        assert "Your alerts go on" in await _press(client, ada, undo="yes")
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE
        await _press(client, ada, stop="yes")
        clock.instant += timedelta(days=7, seconds=1)
        assert "Undo" not in words(await html(client, ada))
        assert "Already stopped" in await _press(client, ada, undo="yes")
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ENDED

    async def test_undoes_what_one_click_stopped_too(
        self, client: TestClient, db: Database, ada: str
    ) -> None:
        assert (await client.post(ada, data={"List-Unsubscribe": "One-Click"})).status == 200
        await _press(client, ada, undo="yes")
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ACTIVE

    async def test_does_not_undo_what_its_owner_stopped_elsewhere(
        self, client: TestClient, db: Database, site: Site, ada: str
    ) -> None:
        await (await opened(client, db, site)).press("stop-all")
        assert "Undo" not in words(await html(client, ada))
        await _press(client, ada, undo="yes")
        assert (await all_subscriptions(db))[0].state is SubscriptionState.ENDED

    async def test_mails_the_other_link_without_showing_to_whom(
        self, client: TestClient, db: Database, site: Site, ada: str, bell: Bell
    ) -> None:
        rung = len(bell.rung)
        said = [await _press(client, ada, send="link") for _ in range(5)]
        assert len(set(said)) == 1
        assert ADA not in said[0]
        assert len(bell.rung) == rung + 5
        assert (await _replies(db)).count(ReplyKind.ACCESS) == 3
        async with db.read() as conn:
            last = (await conn.execute(select(delivery).order_by(delivery.c.id.desc()).limit(1))).one()
            whose = await conn.scalar(select(subscriber.c.id).where(subscriber.c.address == ADA))
        assert last.subscriber_id == whose
        await client.post(await access_link(db, site), headers=PAGE)

    async def test_one_that_is_not_ours_sends_and_undoes_nothing(
        self, client: TestClient, db: Database
    ) -> None:
        before = await _replies(db)
        for form in ({"send": "link"}, {"undo": "yes"}):
            async with client.post("/stop/aaaa", data=form, headers=PAGE) as answer:
                assert answer.status == 404
        assert await _replies(db) == before


async def test_one_network_may_ask_for_mails_only_so_often_whichever_form_it_uses(
    client: TestClient, db: Database, site: Site, ada: str
) -> None:
    mine = await opened(client, db, site)
    change = {"session": mine.session, "do": "address", "address": "x@example.org"}
    headers = {"X-Forwarded-For": "192.0.2.7"}
    for n in range(30):
        form = {"address": f"n{n}@example.org"}
        assert (await client.post("/preferences", data=form, headers=headers)).status == 200
    for path, form in (("/preferences", {"address": ADA}), (ada, {"send": "link"}), (MINE, change)):
        assert (await client.post(path, data=form, headers=headers)).status == 429, path
    assert (await client.post(ada, data={"stop": "yes"}, headers=headers)).status == 200
