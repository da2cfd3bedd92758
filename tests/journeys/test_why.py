"""“I was not told”: the running service itself, and for each of its people the sentence that answers them."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from sqlalchemy import select

from notifier.clock import machine_now
from notifier.delivery.tables import delivery
from notifier.events.proof.facts import Asking, read_facts
from notifier.events.proof.finding import find_event
from notifier.events.proof.why import why
from notifier.events.tables import event
from notifier.subscriptions.by_operator import erase_address
from notifier.subscriptions.tables import subscriber
from tests.delivery.queue_cast import until
from tests.delivery.scripted_server import ScriptedServer
from tests.journeys.house import CONFIRM_LINK, IP1783, House, open_house, ship_ip1783

ONE_CLICK = re.compile(r"<https?://[^>\s]+(/stop/[a-z2-7]+)>")


def _address(name: str) -> str:
    return f"{name}@patients.example"


async def _ask(house: House, name: str, preset: str) -> None:
    form = {"address": _address(name), "to": IP1783, "preset": preset}
    assert (await house.post("/subscribe", **form))[0] == 200


async def _sign_up(house: House, server: ScriptedServer, name: str, preset: str = "every-step") -> None:
    """Fill in the form, and press the button behind the link that the server was handed."""
    before = len(server.taken)
    await _ask(house, name, preset)
    await until(lambda: len(server.taken) > before)
    link = CONFIRM_LINK.search(_text(server.taken[-1].content))
    assert link is not None
    assert (await house.post(link.group(1)))[0] == 200


def _text(content: bytes) -> str:
    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def _one_click(house: House, server: ScriptedServer, name: str) -> None:
    """Press "Unsubscribe" in the mail program, on the newest mail."""
    newest = [mail for mail in server.taken if mail.recipient == _address(name)][-1]
    link = ONE_CLICK.search(
        str(message_from_bytes(newest.content, policy=policy.default)["List-Unsubscribe"])
    )
    assert link is not None
    assert (await house.post(link.group(1), **{"List-Unsubscribe": "One-Click"}))[0] == 200


async def _why(house: House, name: str, kind: str) -> str:
    notifier = house.notifier
    asking = Asking(
        signer=notifier.signer,
        rules=notifier.rules,
        relay="smtp.relay",
        now=house.clock.now(),
        machine_now=machine_now(),
    )
    async with notifier.db.read() as conn:
        seq = await conn.scalar(select(event.c.seq).where(event.c.kind == kind).limit(1))
        found = await find_event(conn, str(seq))
        return why(await read_facts(conn, found, _address(name), asking)).sentence


async def test_everybody_gets_their_sentence(tmp_path: Path) -> None:
    server = ScriptedServer()
    await server.start()
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-05T09:00", smtp_port=server.port) as house:
        for name in ("told", "stopping", "erased", "refused"):
            await _sign_up(house, server, name)
        await _sign_up(house, server, "openings", "openings")
        await _ask(house, "asking", "deadlines")
        await house.replay(until="2022-09-20T09:00")
        await _one_click(house, server, "stopping")
        assert await erase_address(
            house.notifier.db, _address("erased"), signer=house.notifier.signer, now=house.clock.now()
        )
        server.when("RCPT", "550 5.1.1 No such user", marker="refused@")
        await house.replay(until="2022-10-14T12:00")

        told = "Handed to smtp.relay at 9:00:0"
        assert (await _why(house, "told", "opened")).startswith(told)
        assert (await _why(house, "told", "opened")).endswith(" on 14 October 2022, reply 250 2.0.0 Taken.")
        assert (await _why(house, "erased", "meeting")).startswith(told)
        assert await _why(house, "erased", "opened") == (
            "Erased on request on 20 September 2022, before this was announced on 14 October 2022."
        )
        assert await _why(house, "stopping", "opened") == (
            "Stopped by one-click on 20 September 2022, before this was announced on 14 October 2022."
        )
        assert await _why(house, "refused", "opened") == (
            "Refused by its server on 14 October 2022: 550 5.1.1 No such user."
        )
        assert await _why(house, "openings", "meeting") == "Chose openings only; this is no part of it."
        asked = await _why(house, "asking", "opened")
        assert asked.startswith("Asked on 5 September 2022, never confirmed; the link ended on ")
        assert await _why(house, "stranger", "opened") == (
            "Never asked: no sign-up with this address is known."
        )
    await server.stop()


async def test_the_running_service_keeps_the_lifetimes(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-05T09:00") as house:
        await house.sign_up(_address("told"), to=IP1783, preset="every-step")
        await _ask(house, "asking", "deadlines")
        await house.replay(until="2023-01-12T12:00")
        db = house.notifier.db
        async with db.read() as conn:
            query = select(delivery.c.reply, delivery.c.code).order_by(delivery.c.id)
            replies = (await conn.execute(query)).all()
            addresses = (await conn.scalars(select(subscriber.c.address).order_by(subscriber.c.id))).all()
        assert addresses == [_address("told"), None]
        assert replies[0].reply is None
        assert replies[0].code == 250
        assert replies[-1].reply
        assert (await _why(house, "told", "meeting")).endswith(" on 8 September 2022, reply 250.")
    assert len((tmp_path / "notifier.erased").read_text().splitlines()) == 0
