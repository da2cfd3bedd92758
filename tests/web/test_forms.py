"""Signing up through the form, over a real socket."""

import re

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select

from notifier.db import Database
from notifier.events.interest import Preset, kinds_of
from notifier.subscriptions.model import Rhythm, SubscriptionState
from notifier.subscriptions.tables import reply, subscription
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind
from notifier.web.keys import Site
from tests.web.conftest import Bell
from tests.web.people import ADA, FORM, all_subscriptions, confirm_link, send
from tests.web.reading import PAGE, html
from tests.web.web_cast import PUBLIC_URL

pytestmark = pytest.mark.usefixtures("seeded")


class TestSignUp:
    async def test_asks_the_mailbox_and_rings(self, client: TestClient, db: Database, bell: Bell) -> None:
        page = await send(client)
        assert "Check your mail" in page
        assert ADA in page
        (found,) = await all_subscriptions(db)
        assert (found.state, found.address) == (SubscriptionState.PENDING, ADA)
        assert found.topic.kind is TopicKind.PROCEDURE
        assert len(bell.rung) == 1

    async def test_stores_the_chosen_preset(self, client: TestClient, db: Database) -> None:
        await send(client, preset="openings")
        async with db.read() as conn:
            assert await conn.scalar(select(subscription.c.kinds)) == kinds_of(Preset.OPENINGS)

    async def test_follows_everything_if_that_is_chosen(self, client: TestClient, db: Database) -> None:
        await send(client, to="all")
        assert (await all_subscriptions(db))[0].topic == EVERYTHING

    async def test_answers_the_same_for_known_unknown_and_fenced_addresses(
        self, client: TestClient, db: Database, site: Site
    ) -> None:
        unknown = await send(client)
        waiting = await send(client)
        await client.post(await confirm_link(db, site))
        known = await send(client)
        fenced = await send(client)
        async with db.read() as conn:
            assert len((await conn.execute(select(reply))).all()) == 3
        assert unknown == waiting == known == fenced

    @pytest.mark.parametrize(
        "address", ["", "ada", "ada@", "ada@nowhere@x", "ada@exa mple.org", "ädä@example.org", "a" * 400]
    )
    async def test_what_is_no_address_brings_the_form_back_with_what_was_typed(
        self, client: TestClient, db: Database, bell: Bell, address: str
    ) -> None:
        page = await send(client, 422, address=address, preset="every-step")
        assert 'id="address-error"' in page
        assert 'aria-describedby="address-error"' in page
        assert f'name="address" value="{address[:320]}"' in page
        assert re.search(r'value="every-step" checked', page)
        assert re.search(r'value="GID-IPG10158" checked', page)
        assert await all_subscriptions(db) == []
        assert bell.rung == []

    @pytest.mark.parametrize("address", ["zoë@example.org", "zoë@bücher.example"])
    async def test_an_address_that_we_cannot_send_to_yet_is_not_called_wrong(
        self, client: TestClient, db: Database, address: str
    ) -> None:
        page = await send(client, 422, address=address)
        assert "The part before the @ has letters that we cannot send to yet." in page
        assert "should look like" not in page
        assert await all_subscriptions(db) == []

    async def test_hostile_input_comes_back_as_text(self, client: TestClient) -> None:
        page = await send(client, 422, address='"><script>alert(1)</script>@x', to="<script>")
        assert "<script>" not in page
        assert "&lt;script&gt;" in page

    @pytest.mark.parametrize("to", ["GID-NOTHING", "GID-IPG99999", "\x07"])
    async def test_an_unknown_topic_is_said_to_be_unknown(
        self, client: TestClient, db: Database, to: str
    ) -> None:
        page = await send(client, 422, to=to)
        assert "There is no topic" in page
        assert f'value="{ADA}"' in page
        assert await all_subscriptions(db) == []

    async def test_an_unknown_choice_of_alerts_is_asked_again(self, client: TestClient) -> None:
        assert "Choose one of these." in await send(client, 422, preset="nonsense")

    async def test_a_program_that_fills_the_hidden_field_gets_the_answer_and_nothing_else(
        self, client: TestClient, db: Database, bell: Bell
    ) -> None:
        assert await send(client, website="https://spam.example") == await send(client, website="x")
        assert await all_subscriptions(db) == []
        assert bell.rung == []

    async def test_the_form_is_about_the_topic_it_was_opened_for(self, client: TestClient) -> None:
        async with client.get("/subscribe?to=ipg749") as answer:
            page = await answer.text()
        assert 'id="to-0" name="to" value="GID-IPG10158" checked' in page
        assert re.findall(r'name="to" value="([^"]*)"', page) == [
            "GID-IPG10158",
            "process:ip",
            "technology:procedure",
            "all",
        ]
        assert 'name="rhythm" value="usual" checked' in page
        assert answer.headers["Cache-Control"] == "no-store"


class TestWhatCanBeFollowed:
    async def test_from_nowhere_everything_and_every_group_that_has_something_listed(
        self, client: TestClient
    ) -> None:
        page = await html(client, "/subscribe")
        assert re.findall(r'<option value="([^"]*)"', page) == [
            "all",
            "process:ip",
            "process:mt",
            "process:ng",
            "process:sta",
            "technology:medicine",
            "technology:procedure",
        ]
        assert ">All topics of process “IP”</option>" in page
        assert ">All topics of type “Medicine”</option>" in page
        assert 'name="rhythm" value="daily" checked' in page

    async def test_a_link_to_a_group_chooses_it(self, client: TestClient) -> None:
        assert '<option value="process:ip" selected>' in await html(client, "/subscribe?to=process%3AIP")

    @pytest.mark.parametrize(
        ("to", "topic", "rhythm"),
        [
            ("GID-IPG10158", None, Rhythm.AT_ONCE),
            ("process:ip", Topic(kind=TopicKind.PROCESS, value="ip"), Rhythm.DAILY),
            ("technology:procedure", Topic(kind=TopicKind.TECHNOLOGY, value="procedure"), Rhythm.DAILY),
            ("all", EVERYTHING, Rhythm.DAILY),
        ],
    )
    async def test_the_usual_rhythm_is_stored_as_the_one_that_it_is(
        self, client: TestClient, db: Database, to: str, topic: Topic | None, rhythm: Rhythm
    ) -> None:
        await send(client, to=to, rhythm="usual")
        [found] = await all_subscriptions(db)
        assert topic in (None, found.topic)
        assert found.rhythm is rhythm

    @pytest.mark.parametrize("topic", ["GID-IPG10158", ""])
    async def test_a_group_can_be_followed_from_both_forms(
        self, client: TestClient, db: Database, topic: str
    ) -> None:
        await send(client, to="technology:procedure", topic=topic, rhythm="weekly", reminders="no")
        [found] = await all_subscriptions(db)
        assert found.topic == Topic(kind=TopicKind.TECHNOLOGY, value="procedure")
        assert (found.rhythm, found.reminders) == (Rhythm.WEEKLY, False)

    @pytest.mark.parametrize(
        "to", ["process:", "process:nothing", "technology:ip", "procedure:1", "private:x"]
    )
    async def test_a_group_that_nothing_listed_has_cannot(
        self, client: TestClient, db: Database, to: str
    ) -> None:
        assert "There is no topic" in await send(client, 422, to=to)
        assert await all_subscriptions(db) == []

    @pytest.mark.parametrize("field", ["rhythm", "reminders"])
    async def test_an_unknown_choice_is_asked_again(self, client: TestClient, field: str) -> None:
        page = await send(client, 422, **{field: "nonsense"})
        assert f'href="#{field}-0">Choose one of these.' in page

    async def test_a_form_that_says_nothing_of_them_means_usual_and_with_reminders(
        self, client: TestClient, db: Database
    ) -> None:
        async with client.post("/subscribe", data={"to": "all", "address": ADA}) as answer:
            assert answer.status == 200
        [found] = await all_subscriptions(db)
        assert (found.rhythm, found.reminders) == (Rhythm.DAILY, True)
        assert found.kinds == kinds_of(Preset.DEADLINES)


class TestWhereAFormComesFrom:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": PUBLIC_URL},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ],
    )
    async def test_another_site_is_refused(
        self, client: TestClient, db: Database, headers: dict[str, str]
    ) -> None:
        async with client.post("/subscribe", data=FORM, headers=PAGE | headers) as answer:
            assert answer.status == 403
            assert "That form came from another website" in await answer.text()
        assert await all_subscriptions(db) == []

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": PUBLIC_URL},
            {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        ],
    )
    async def test_our_own_pages_and_programs_are_not(
        self, client: TestClient, headers: dict[str, str]
    ) -> None:
        assert (await client.post("/subscribe", data=FORM, headers=headers)).status == 200

    async def test_the_address_that_was_really_typed_counts_as_ours(self, client: TestClient) -> None:
        origin = str(client.make_url("/").origin())
        assert (await client.post("/subscribe", data=FORM, headers={"Origin": origin})).status == 200


class TestBrokenBodies:
    @pytest.mark.parametrize("path", ["/subscribe", "/stop/x"])
    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("application/x-www-form-urlencoded; charset=klingon", b"address=a"),
            ("application/x-www-form-urlencoded; charset=utf-8", b"address=\xff\xfe"),
            ("multipart/form-data", b"no boundary"),
            ("multipart/form-data; boundary=x", b"nothing of the kind"),
            ("multipart/form-data; boundary=x", b"--x\r\nContent-Dispo"),
            ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'),
            ("multipart/form-data; boundary=" + "x" * 200, b"--x"),
        ],
    )
    async def test_are_a_mistake_of_the_sender(
        self, client: TestClient, path: str, content_type: str, body: bytes
    ) -> None:
        headers = PAGE | {"Content-Type": content_type}
        async with client.post(path, data=body, headers=headers) as answer:
            assert answer.status == 400
            assert "We could not read that" in await answer.text()

    async def test_a_body_that_is_not_compressed_as_it_says_is_one_too(self, client: TestClient) -> None:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Encoding": "gzip",
        }
        async with client.post("/subscribe", data=b"address=a", headers=headers) as answer:
            assert answer.status == 400

    async def test_a_large_body_is_refused(self, client: TestClient) -> None:
        async with client.post("/subscribe", data=FORM | {"more": "x" * 20_000}, headers=PAGE) as answer:
            assert answer.status == 413
            assert "That is too much text" in await answer.text()
