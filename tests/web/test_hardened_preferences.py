"""Links and forms of the page of preferences: altered, exchanged, replayed, filled with anything at all."""

from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from notifier.db import Database
from notifier.delivery.tables import delivery
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import access, address_change, subscriber, subscription
from notifier.subscriptions.tokens import LARGEST_ROW, Purpose, Signer
from notifier.web.keys import Site
from notifier.web.offered import Offers, about_none
from notifier.web.subscribe import Form, _filled
from tests.web.mine import MINE, Mine, access_link, ask_link, new_address_link, opened
from tests.web.people import ADA, FORM, all_subscriptions, confirmed, send
from tests.web.reading import PAGE
from tests.web.test_hardened_tokens import altered
from tests.web.web_cast import SERVICE

pytestmark = pytest.mark.usefixtures("seeded")

BREAKS = ("\r\n", "\n", "\r", "\r\nBcc: x@y.example", "%0d%0a", "\u2028")
ENDED = (404, 410)


@pytest.fixture
async def ada(client: TestClient, db: Database, site: Site) -> str:
    return await confirmed(client, db, site)


async def _stored(db: Database) -> list[object]:
    """Return all that a form could have changed."""
    async with db.read() as conn:
        return [
            (await conn.execute(select(table).order_by(table.c.id))).all()
            for table in (subscriber, subscription, address_change, delivery)
        ]


async def _posts(client: TestClient, path: str, **form: str) -> tuple[int, str]:
    async with client.post(path, data=form, headers=PAGE) as answer:
        return answer.status, await answer.text()


@pytest.mark.usefixtures("ada")
async def test_no_altered_link_opens_or_shows_anything(client: TestClient, db: Database, site: Site) -> None:
    await ask_link(client)
    link = await access_link(db, site)
    for wrong in altered(link.rpartition("/")[2]):
        status, page = await _posts(client, f"/preferences/open/{wrong}")
        assert status == 404, wrong
        assert ADA not in page
    assert (await _posts(client, link))[0] == 200


@pytest.mark.usefixtures("ada")
async def test_no_altered_session_changes_or_shows_anything(
    client: TestClient, db: Database, site: Site
) -> None:
    mine = await opened(client, db, site)
    before = await _stored(db)
    for wrong in altered(mine.session):
        status, page = await _posts(client, MINE, session=wrong, do="stop-all")
        assert status in (400, 404), wrong
        assert ADA not in page
    assert await _stored(db) == before


@pytest.mark.usefixtures("ada")
async def test_no_altered_link_moves_alerts(client: TestClient, db: Database, site: Site) -> None:
    mine = await opened(client, db, site)
    await mine.press("address", address="new@example.org")
    link = await new_address_link(db, site)
    before = await _stored(db)
    for wrong in altered(link.rpartition("/")[2]):
        status, page = await _posts(client, f"/new-address/{wrong}")
        assert status == 404, wrong
        assert "IP1783" not in page
    assert await _stored(db) == before


async def test_a_token_for_one_purpose_or_row_is_worthless_for_every_other(
    client: TestClient, db: Database, site: Site, ada: str
) -> None:
    mine = await opened(client, db, site)
    await mine.press("address", address="new@example.org")
    async with db.read() as conn:
        rows = [
            (await conn.execute(select(table.c.id, table.c.nonce).order_by(table.c.id))).all()
            for table in (subscription, subscriber, access, address_change)
        ]
    before = await _stored(db)
    nonces = {(row.id, row.nonce) for many in rows for row in many}
    nonces |= {(id_ + 1, nonce) for id_, nonce in nonces} | {(LARGEST_ROW, "x"), (0, "")}
    good = {mine.session, (await new_address_link(db, site)).rpartition("/")[2], ada.rpartition("/")[2]}
    for id_, nonce in sorted(nonces):
        for purpose in Purpose:
            for signer in (site.signer, Signer(b"another secret")):
                token = signer.sign(purpose, id_, nonce)
                if token in good:
                    continue
                # A link that stops is made with its reader's nonce, for whichever delivery to them.
                stops = purpose is Purpose.STOP and signer is site.signer
                assert (await _posts(client, f"/preferences/open/{token}"))[0] in ENDED
                assert (await _posts(client, f"/new-address/{token}"))[0] in ENDED
                assert (await _posts(client, MINE, session=token, do="stop-all"))[0] in ENDED
                assert stops or (await _posts(client, f"/stop/{token}", undo="yes"))[0] == 404
    assert await _stored(db) == before


@pytest.mark.usefixtures("ada")
async def test_replayed_links_open_and_move_nothing_again(
    client: TestClient, db: Database, site: Site
) -> None:
    await ask_link(client)
    link = await access_link(db, site)
    status, page = await _posts(client, link)
    assert status == 200
    mine = Mine(client=client, page=page)
    await mine.press("address", address="new@example.org")
    move = await new_address_link(db, site)
    assert (await _posts(client, move))[0] == 200
    before = await _stored(db)
    for _ in range(3):
        assert (await _posts(client, link))[0] == 404, "its owner has moved"
        assert (await _posts(client, MINE, session=mine.session, do="stop-all"))[0] == 404
        assert "Already changed" in (await _posts(client, move))[1]
    assert await _stored(db) == before


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("end", BREAKS)
async def test_line_breaks_are_taken_nowhere(client: TestClient, db: Database, site: Site, end: str) -> None:
    mine = await opened(client, db, site)
    before = await _stored(db)
    broken = f"new@example.org{end}"
    if not end.strip():  # around an address they are what a careless copy brings, and are left out
        broken = f"new{end}@example.org"
    for path, form in (
        ("/subscribe", FORM | {"address": broken}),
        ("/preferences", {"address": broken}),
        (MINE, {"session": mine.session, "do": "address", "address": broken}),
    ):
        status, _ = await _posts(client, path, **form)
        assert status in (400, 422), (path, broken)
    for field in ("to", "preset", "rhythm", "reminders"):
        status, _ = await _posts(client, "/subscribe", **FORM | {field: f"all{end}x"})
        assert status in (400, 422), field
    for form in (
        {"session": mine.session + end, "do": "stop-all"},
        {"session": mine.session, "do": "stop" + end},
    ):
        assert (await _posts(client, MINE, **form))[0] in (400, 404)
    assert await _stored(db) == before


anything = st.text(max_size=60) | st.sampled_from(
    ["all", "usual", "daily", "yes", "no", "deadlines", "process:ip", "technology:", "GID-IPG10158", ADA]
)
names = st.sampled_from(["to", "topic", "preset", "rhythm", "reminders", "address", "website"])
bodies = st.dictionaries(names | st.text(max_size=8), anything, max_size=8)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(bodies, min_size=50, max_size=50))
async def test_each_of_four_thousand_forms_is_refused_or_becomes_a_choice_that_stands(
    db: Database, many: list[dict[str, str]]
) -> None:
    offered = await _offers(db)
    for sent in many:
        form = _filled(Form(offers=offered, chosen=offered.everything), sent)
        assert form.wrong or (form.address and len(form.address) <= 320)
        assert form.preset in ("deadlines", "openings", "every-step")
        assert form.rhythm in ("usual", "at-once", "daily", "weekly")
        assert form.reminders in ("yes", "no")
        found = offered.find(sent.get("to", "all"))
        assert found is None or found.topic is not None


async def _offers(db: Database) -> Offers:
    async with db.read() as conn:
        return await about_none(conn, SERVICE)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(bodies, min_size=10, max_size=10))
async def test_whatever_is_sent_to_a_form_is_answered_and_nobody_is_shown_to_anybody(
    client: TestClient, many: list[dict[str, str]]
) -> None:
    for sent in many:
        for path in ("/subscribe", "/preferences", MINE, "/preferences/open/x", "/new-address/x", "/stop/x"):
            body = urlencode(sent, errors="surrogatepass").encode()
            headers = PAGE | {"Content-Type": "application/x-www-form-urlencoded"}
            async with client.post(path, data=body, headers=headers) as answer:
                assert answer.status in (200, 400, 403, 404, 410, 422), (path, sent)
                await answer.read()


async def test_a_stop_that_is_undone_over_and_over_leaves_one_subscription(
    client: TestClient, db: Database, ada: str
) -> None:
    for _ in range(5):
        assert (await _posts(client, ada, stop="yes"))[0] == 200
        assert (await _posts(client, ada, undo="yes"))[0] == 200
        assert (await _posts(client, ada, undo="yes"))[0] == 200
    await send(client)
    [one] = await all_subscriptions(db)
    assert one.state is SubscriptionState.ACTIVE
