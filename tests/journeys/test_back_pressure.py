"""A relay that takes nothing for a day, before a running service: what health says, and who is told first."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from notifier.app import Notifier
from notifier.clock import ReplayClock, machine_now
from notifier.db import Rank
from notifier.delivery import breaker
from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.tables import delivery
from tests.cast import follow
from tests.delivery.scripted_server import ScriptedServer
from tests.journeys.house import free_port, open_house, settings_for, ship_ip1783, utc
from tests.journeys.mail_scene import Scene

PEOPLE = 30
OPENING, REMINDER = "2022-10-14T08:05", "2022-11-04T09:05"


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes of the breaker become moments."""
    monkeypatch.setattr(breaker, "SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 0.1)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which thirty people follow everything, before the consultation opens."""
    home = tmp_path_factory.mktemp("pressed")
    asyncio.run(_prepare(home))
    return home


async def _prepare(home: Path) -> None:
    ship_ip1783(home)
    async with open_house(home, "2022-10-01T09:00") as house:
        for number in range(PEOPLE):
            await follow(house.notifier.db, f"reader-{number}", now=utc("2022-10-01T09:00"))


@asynccontextmanager
async def _scene(ready: Path, home: Path, server: ScriptedServer) -> AsyncIterator[Scene]:
    shutil.copytree(ready, home)
    settings = settings_for(home, web_port=free_port(), smtp_port=server.port)
    changed = settings.mail.model_copy(update={"connections": 1, "timeout_seconds": 1})
    notifier = Notifier(settings.model_copy(update={"mail": changed}), clock=ReplayClock(utc(OPENING)))
    await server.start()
    try:
        await notifier.start()
        yield Scene(notifier, server)
    finally:
        await notifier.stop()
        await server.stop()


async def _count(scene: Scene, lane: Lane, *states: DeliveryState) -> int:
    query = select(func.count()).where(delivery.c.lane == lane, delivery.c.state.in_(states or DeliveryState))
    async with scene.notifier.db.read() as conn:
        return await conn.scalar(query) or 0


async def _a_day_passes(scene: Scene) -> None:
    """Let what waits have waited for a day and more, the opening longer than the reminder."""
    for lane, hours in ((Lane.AT_ONCE, 26), (Lane.CLOSING_SOON, 25)):
        async with scene.notifier.db.write(Rank.HOUSEKEEPING) as conn:
            old = update(delivery).where(delivery.c.lane == lane)
            await conn.execute(old.values(next_at=machine_now() - timedelta(hours=hours)))


@pytest.mark.parametrize("act", ["MAIL 451 4.3.0 Try later", "EHLO 421 4.3.2 Shutting down"])
async def test_after_a_day_without_a_relay_health_is_red_and_reminders_go_first_by_themselves(
    act: str, ready: Path, tmp_path: Path
) -> None:
    server = ScriptedServer(port=free_port())
    verb, _, answer = act.partition(" ")
    server.when(verb, answer, times=1_000_000)
    async with _scene(ready, tmp_path / "home", server) as scene:

        async def queued(lane: Lane) -> bool:
            return await _count(scene, lane) == PEOPLE

        await scene.until(lambda: queued(Lane.AT_ONCE))
        clock = scene.notifier.clock
        assert isinstance(clock, ReplayClock)
        clock.leap(utc(REMINDER))
        scene.notifier.watch.ring()
        await scene.until(lambda: queued(Lane.CLOSING_SOON))
        await _a_day_passes(scene)

        status, said = await scene.health()
        assert (status, said["state"]) == (503, "broken")
        assert said["sentence"].startswith("Broken. Mail has waited to be handed over since ")
        assert any(answer[:3] in one["detail"] for one in said["problems"])
        assert server.taken == []

        server.rules.clear()
        server.drop_all()

        async def everybody_told() -> bool:
            return len(server.taken) == 2 * PEOPLE

        await scene.until(everybody_told)
        subjects = [str(message_from_bytes(mail.content, policy=default)["Subject"]) for mail in server.taken]
        leads = [one.partition(":")[0] for one in subjects]
        assert leads == ["7 days left to comment"] * PEOPLE + ["Comment by 11 Nov"] * PEOPLE
        assert Counter(mail.recipient for mail in server.taken).most_common(1)[0][1] == 2

        async def recovered() -> bool:
            return (await scene.health())[1]["state"] == "ok"

        await scene.until(recovered)
        for lane in (Lane.CLOSING_SOON, Lane.AT_ONCE):
            assert await _count(scene, lane, DeliveryState.ACCEPTED) == PEOPLE
