"""Forged, altered, exchanged and replayed links: each is answered as unknown, and nothing happens."""

import string
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient

from notifier.db import Database
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tokens import LARGEST_ROW, Purpose, Signer
from notifier.web.keys import Site
from tests.web.people import all_subscriptions, confirm_link, confirmed, send, stop_link
from tests.web.wire import Wire

pytestmark = pytest.mark.usefixtures("seeded")

BUTTON = urlencode({"stop": "yes"}).encode()
ONE_CLICK = b"List-Unsubscribe=One-Click"
PENDING, ACTIVE, ENDED = SubscriptionState.PENDING, SubscriptionState.ACTIVE, SubscriptionState.ENDED


async def state(db: Database) -> SubscriptionState:
    return (await all_subscriptions(db))[0].state


def altered(token: str) -> list[str]:
    """Every way to change one letter, to lose the end, and to add to it."""
    alphabet = string.ascii_lowercase + "234567"
    changed = [
        token[:at] + other + token[at + 1 :]
        for at in range(len(token))
        for other in (alphabet[(alphabet.index(token[at]) + 1) % 32], alphabet[alphabet.index(token[at]) - 1])
    ]
    cut = [token[:length] for length in range(1, len(token))]
    more = [f"{token}a", f"a{token}", token * 2, f"{token}=", f"{token}%20", f"{token}%0A", f"{token}."]
    return [*changed, *cut, *more]


async def test_no_altered_link_confirms_or_shows_anything(
    client: TestClient, db: Database, site: Site
) -> None:
    await send(client)
    token = (await confirm_link(db, site)).removeprefix("/confirm/")
    for wrong in altered(token):
        async with client.post(f"/confirm/{wrong}") as answer:
            assert answer.status == 404, wrong
            assert "IP1783" not in await answer.text()
    assert await state(db) is PENDING
    assert (await client.post(f"/confirm/{token}")).status == 200
    assert await state(db) is ACTIVE


async def test_no_altered_link_stops_or_shows_anything(client: TestClient, db: Database, site: Site) -> None:
    token = (await confirmed(client, db, site)).removeprefix("/stop/")
    for wrong in altered(token):
        async with client.post(f"/stop/{wrong}", data={"stop": "yes"}) as answer:
            assert answer.status == 404, wrong
            assert "IP1783" not in await answer.text()
        assert (await client.post(f"/stop/{wrong}", data={"List-Unsubscribe": "One-Click"})).status == 404
    assert await state(db) is ACTIVE
    assert (await client.post(f"/stop/{token}", data={"stop": "yes"})).status == 200


async def test_upper_case_is_the_same_link_since_mail_programs_change_it(
    client: TestClient, db: Database, site: Site
) -> None:
    await send(client)
    token = (await confirm_link(db, site)).removeprefix("/confirm/")
    assert (await client.post(f"/confirm/{token.upper()}")).status == 200
    assert await state(db) is ACTIVE


@pytest.mark.parametrize("length", [65, 1000, 4000])
async def test_a_long_link_is_unknown(wire: Wire, length: int) -> None:
    assert (await wire.get(f"/confirm/{'a' * length}")).status == 404
    assert (await wire.post(f"/stop/{'a' * length}", ONE_CLICK)).status == 404


@pytest.mark.parametrize("path", ["/confirm/", "/stop/"])
async def test_a_link_of_ten_kilobytes_is_refused_unread(wire: Wire, path: str) -> None:
    assert (await wire.get(f"{path}{'a' * 5_000}")).status == 414
    assert (await wire.get(f"{path}{'a' * 10_240}")).status == 431


async def test_a_link_opens_no_door_but_its_own(client: TestClient, db: Database, site: Site) -> None:
    await send(client)
    to_confirm, to_stop = await confirm_link(db, site), await stop_link(db, site)
    assert (await client.post(to_stop.replace("/stop/", "/confirm/"))).status == 404
    for data in ({"stop": "yes"}, {"List-Unsubscribe": "One-Click"}):
        assert (await client.post(to_confirm.replace("/confirm/", "/stop/"), data=data)).status == 404
    one = (await all_subscriptions(db))[0]
    for purpose in Purpose:
        if purpose is not Purpose.CONFIRM:
            token = site.signer.sign(purpose, one.id, one.nonce)
            assert (await client.post(f"/confirm/{token}")).status == 404
    assert await state(db) is PENDING


async def test_a_link_made_with_another_secret_or_for_another_row_is_unknown(
    client: TestClient, db: Database, site: Site
) -> None:
    await send(client)
    one = (await all_subscriptions(db))[0]
    forged = [
        Signer(b"another secret of thirty-two by.").sign(Purpose.CONFIRM, one.id, one.nonce),
        site.signer.sign(Purpose.CONFIRM, one.id, "another nonce"),
        site.signer.sign(Purpose.CONFIRM, one.id, ""),
        site.signer.sign(Purpose.CONFIRM, one.id + 1, one.nonce),
        site.signer.sign(Purpose.CONFIRM, 0, one.nonce),
        site.signer.sign(Purpose.CONFIRM, LARGEST_ROW, one.nonce),
    ]
    for token in forged:
        assert (await client.post(f"/confirm/{token}")).status == 404
    assert await state(db) is PENDING


async def test_replayed_links_change_nothing(client: TestClient, db: Database, site: Site) -> None:
    """A confirmation that was used does not bring back what was stopped; a stop may come often."""
    await send(client)
    to_confirm = await confirm_link(db, site)
    assert (await client.post(to_confirm)).status == 200
    await send(client)
    to_stop = await stop_link(db, site)
    for _ in range(3):
        assert (await client.post(to_stop, data={"List-Unsubscribe": "One-Click"})).status == 200
        assert (await client.post(to_confirm)).status == 410
        assert await state(db) is ENDED
