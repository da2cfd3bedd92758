"""A mail server that misbehaves at every point of a session, before a running service.

For each fault: who was told, what is tried again and when, who was ended (and who was not), what health, the
log and the metrics said;
then the server is mended, the waits are over, and everybody whom it knows has been told once.
"""

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from notifier import mailroom
from notifier.app import Notifier
from notifier.clock import ReplayClock, machine_now
from notifier.delivery import breaker, server_watch
from notifier.delivery.fuse import IN_A_ROW
from notifier.delivery.model import DeliveryState, Verdict
from notifier.delivery.smtp_server import SmtpServer
from tests.cast import follow
from tests.delivery.scripted_server import CERTIFICATE, ScriptedServer, server_tls
from tests.journeys.house import free_port, open_house, settings_for, ship_ip1783, utc
from tests.journeys.mail_scene import Scene
from tests.journeys.server_faults import (
    BROKE,
    DELIVERED,
    EVERYBODY,
    FAULTS,
    FEWER,
    NOBODY,
    OTHERS,
    PAUSED,
    Fault,
)

BEFORE, DUE = "2022-10-01T09:00", "2022-10-14T08:05"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which Ada, Ben and Cora follow everything, before the consultation opens."""
    home = tmp_path_factory.mktemp("ready")
    asyncio.run(_prepare(home, sorted(EVERYBODY)))
    return home


async def _prepare(home: Path, names: Sequence[str]) -> None:
    ship_ip1783(home)
    async with open_house(home, BEFORE) as house:
        for name in names:
            await follow(house.notifier.db, name, now=utc(BEFORE))


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes become moments: the pauses of the breaker, and the ten minutes after the final dot."""
    monkeypatch.setattr(breaker, "SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 0.1)
    patient = mailroom.smtp_server

    def impatient(*settings: Any) -> SmtpServer:
        return replace(patient(*settings), end_of_data_timeout=1.0)

    monkeypatch.setattr(mailroom, "smtp_server", impatient)


@asynccontextmanager
async def _scene(ready: Path, home: Path, server: ScriptedServer, **mail: Any) -> AsyncIterator[Scene]:
    """Start the service in a copy of `ready` with the opening due, sending over one connection."""
    shutil.copytree(ready, home)
    settings = settings_for(home, web_port=free_port(), smtp_port=server.port)
    changed = settings.mail.model_copy(update={"connections": 1, "timeout_seconds": 2} | mail)
    settings = settings.model_copy(update={"mail": changed})
    notifier = Notifier(settings, clock=ReplayClock(utc(DUE)))
    try:
        await notifier.start()
        yield Scene(notifier, server)
    finally:
        await notifier.stop()


CASES = [
    pytest.param(fault, pipelining, id=f"{fault}{', pipelined' * pipelining}")
    for fault in FAULTS
    for pipelining in fault.pipelining
]


@pytest.mark.parametrize(("fault", "pipelining"), CASES)
async def test_each_fault_blames_whom_it_must_and_loses_nobody(
    fault: Fault,
    pipelining: bool,
    ready: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "notifier.delivery")
    server = _server(fault, pipelining=pipelining)
    if fault.trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with _listening(server), _scene(ready, tmp_path / "home", server, **fault.mail) as scene:
        await scene.until(lambda: _as_expected(scene, fault))
        await asyncio.sleep(0.1)
        assert await _as_expected(scene, fault)
        await _metrics_say(scene, fault)
        _log_says(caplog, fault)
        await _wait_is_right(scene, fault)
        await _health_says(scene, fault)
        assert await scene.ended() == ({"ben"} if fault.ends_ben else NOBODY)
        assert await scene.suppressed() == int(fault.ends_ben)

        _mend(server)
        if fault.verb in ("NEVER", "TLS"):  # only its operator can mend that, and restarts
            return
        await scene.retry_now()
        await scene.until(lambda: _all_ended(scene))
        assert scene.told() == fault.finally_told
        assert (await scene.health())[1]["state"] == "ok"
    _copies_share_a_message_id(server, fault)


@asynccontextmanager
async def _listening(server: ScriptedServer) -> AsyncIterator[None]:
    await server.start()
    try:
        yield
    finally:
        await server.stop()


def _server(fault: Fault, *, pipelining: bool) -> ScriptedServer:
    server = ScriptedServer(pipelining=pipelining, **fault.server)
    if fault.verb in ("TLS", "STARTTLS", "AUTH"):
        server.options["tls_context"] = server_tls()
    if fault.verb == "AUTH":
        server.options["auth_required"] = True
        server.password = b"right"
    if fault.act:
        server.when(fault.verb, fault.act, marker=fault.marker)
    return server


def _mend(server: ScriptedServer) -> None:
    server.rules.clear()
    server.adds.clear()
    server.forgets_after, server.byte_seconds = "", 0.0
    server.password = b"not it"
    server.drop_all()


async def _as_expected(scene: Scene, fault: Fault) -> bool:
    found = await scene.deliveries()
    if set(found) != EVERYBODY or scene.told() != fault.told:
        return False
    ben = found["ben"]
    state = DeliveryState.PENDING if ben["state"] == DeliveryState.SENDING else ben["state"]
    others = {found[name]["state"] for name in OTHERS}
    if fault.told >= OTHERS and others != {DeliveryState.ACCEPTED}:
        return False
    if (fault.paused is not None) is not (scene.notifier.deliverer.fault is not None):
        return False
    return (state, ben["attempts"]) == (fault.ben, fault.attempts)


async def _wait_is_right(scene: Scene, fault: Fault) -> None:
    ben = (await scene.deliveries())["ben"]
    if fault.minutes is not None:
        wait = ben["next_at"] - machine_now()
        least = timedelta(minutes=fault.minutes)
        assert least - timedelta(seconds=8) < wait <= least * 1.2


async def _health_says(scene: Scene, fault: Fault) -> None:
    status, said = await scene.health()
    assert status == 200
    if fault.paused is None:
        assert said["state"] == "ok", said
        return
    assert said["state"] == "attention"
    assert said["sentence"].startswith(
        "Attention. The mail server does not answer, or refuses our mail, since "
    )
    [problem] = said["problems"]
    assert fault.paused in problem["detail"]
    assert "@" not in problem["detail"]


async def _metrics_say(scene: Scene, fault: Fault) -> None:
    doubtful = fault.outcomes.get("doubtful", 0)

    async def do_so() -> bool:
        found = await scene.metrics()
        outcomes = {one: found[f'notifier_delivery_outcomes_total{{verdict="{one}"}}'] for one in Verdict}
        connections = sum(found[f'notifier_smtp_connections{{state="{one}"}}'] for one in ("busy", "idle"))
        assert found["notifier_delivery_doubtful_total"] == doubtful
        if fault.log & {PAUSED, BROKE, FEWER}:
            assert found["notifier_smtp_faults_total"] > 0
        tried = sum(row["attempts"] for row in (await scene.deliveries()).values())
        if (connections, tried) != (fault.connections, sum(fault.outcomes.values())):
            return False
        return fault.outcomes == {k: n for k, n in outcomes.items() if n}

    await scene.until(do_so, seconds=5)


def _log_says(caplog: pytest.LogCaptureFixture, fault: Fault) -> None:
    records = [one for one in caplog.records if one.name.startswith("notifier.delivery")]
    said = {one.message for one in records} - {"claimed"}
    assert said - fault.perhaps == fault.log | ({DELIVERED} if fault.outcomes else set())
    assert max(one.levelno for one in records) <= logging.WARNING, "nothing of this is our mistake"
    assert not any("@" in str(one.__dict__.get("reason")) for one in records), "no address in the log"


async def _all_ended(scene: Scene) -> bool:
    states = {row["state"] for row in (await scene.deliveries()).values()}
    return bool(states) and states <= {DeliveryState.ACCEPTED, DeliveryState.FAILED}


def _copies_share_a_message_id(server: ScriptedServer, fault: Fault) -> None:
    ids: dict[str, Counter[str]] = {}
    for mail in server.taken:
        name = mail.recipient.partition("@")[0]
        ids.setdefault(name, Counter())[message_from_bytes(mail.content)["Message-ID"]] += 1
    for name, found in ids.items():
        assert list(found.values()) == [fault.copies if name == "ben" else 1], name


async def test_a_slow_server_is_waited_for(ready: Path, tmp_path: Path) -> None:
    server = ScriptedServer(answer_after=0.2)
    async with _listening(server), _scene(ready, tmp_path / "home", server) as scene:
        await scene.until(lambda: _all_ended(scene))
        assert scene.told() == EVERYBODY
        assert (await scene.health())[1]["state"] == "ok"
    assert len(server.taken) == 3


async def test_a_server_that_is_away_is_found_again(ready: Path, tmp_path: Path) -> None:
    server = ScriptedServer(port=free_port())
    async with _scene(ready, tmp_path / "home", server) as scene:
        await scene.until(lambda: _is_paused(scene))
        status, said = await scene.health()
        assert (status, said["state"]) == (200, "attention")
        assert {row["attempts"] for row in (await scene.deliveries()).values()} == {0}
        await server.start()
        await scene.until(lambda: _all_ended(scene))
        assert scene.told() == EVERYBODY
    await server.stop()
    assert len(server.taken) == 3


async def _is_paused(scene: Scene) -> bool:
    return scene.notifier.deliverer.fault is not None


async def test_a_server_that_suddenly_knows_nobody_ends_at_most_twenty_and_the_rest_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_watch, "FUSE_PAUSE_SECONDS", 0.5)
    crowd = [f"reader-{number}" for number in range(2 * IN_A_ROW)]
    home = tmp_path / "crowd"
    home.mkdir()
    await _prepare(home, crowd)
    server = ScriptedServer()
    server.when("RCPT", "550 5.1.1 User unknown")
    async with _listening(server), _scene(home, tmp_path / "home", server) as scene:
        await scene.until(lambda: _is_paused(scene))
        status, said = await scene.health()
        assert (status, said["state"]) == (200, "attention")
        assert "suspiciously many" in said["problems"][0]["detail"]
        ended = await scene.ended()
        server.rules.clear()
        await scene.until(lambda: _untried(scene))
        await scene.retry_now()
        await scene.until(lambda: _all_ended(scene))
        assert await scene.ended() == ended
        assert scene.told() == set(crowd) - ended
    assert len(ended) <= IN_A_ROW
    assert len(server.taken) == len(crowd) - len(ended)


DAY_OF_WAITS = (1, 5, 15, 60, 120, 240, 480, 480, 480)
"""Minutes, jitter apart: more than a day together."""


@pytest.mark.parametrize("pipelining", [False, True], ids=["plain", "pipelined"])
async def test_after_a_day_of_refusals_for_now_everybody_is_told_once(
    ready: Path, tmp_path: Path, pipelining: bool
) -> None:
    server = ScriptedServer(pipelining=pipelining)
    server.when("RCPT", "451 4.3.0 Try again later")
    async with _listening(server), _scene(ready, tmp_path / "home", server) as scene:
        clock = scene.notifier.clock
        assert isinstance(clock, ReplayClock)
        for attempt, minutes in enumerate(DAY_OF_WAITS, start=1):
            await scene.until(lambda tried=attempt: _tried(scene, tried))
            least = timedelta(minutes=minutes)
            for row in (await scene.deliveries()).values():
                assert least - timedelta(seconds=8) < row["next_at"] - machine_now() <= least * 1.2
            clock.leap(clock.now() + least)
            if attempt == len(DAY_OF_WAITS):
                server.rules.clear()
            await scene.retry_now()
        await scene.until(lambda: _all_ended(scene))
        assert (await scene.ended(), await scene.suppressed()) == (NOBODY, 0)
        assert scene.told() == EVERYBODY
        found = await scene.metrics()
        assert found['notifier_delivery_outcomes_total{verdict="retry"}'] == 3 * len(DAY_OF_WAITS)
        assert found['notifier_delivery_outcomes_total{verdict="accepted"}'] == 3
    assert len(server.taken) == 3


async def _tried(scene: Scene, attempts: int) -> bool:
    rows = (await scene.deliveries()).values()
    return {(row["attempts"], row["state"]) for row in rows} == {(attempts, DeliveryState.PENDING)}


async def _untried(scene: Scene) -> bool:
    return all(row["attempts"] for row in (await scene.deliveries()).values())
