"""What Prometheus is told: complete, well-formed, of nobody in particular, and to insiders alone."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Lane, Verdict
from notifier.delivery.tables import delivery, owner
from notifier.delivery.tally import DeliveryTally
from notifier.durations import Durations
from notifier.events.tables import mailing
from notifier.subscriptions.tables import subscriber
from notifier.web.app import build
from notifier.web.keys import Site
from notifier.web.metrics import counted_of
from tests.promtool import found_promtool, judged
from tests.web.web_cast import NOW, PlainVitals, StillClock, ip1783, take

MANUAL = Path(__file__).parents[2] / "docs" / "metrics.md"
TOKEN = "correct-horse-battery-staple"
ASIDE = {"X-Forwarded-For": "192.0.2.1"}
"""Sent by a proxy on this machine: whoever stands behind it is no insider."""
SHOWN = ASIDE | {"Authorization": f"Bearer {TOKEN}"}
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def _mailing_to(conn: AsyncConnection, people: int) -> None:
    """Lay down one mailing and so many people, to hang deliveries on."""
    await conn.execute(
        insert(mailing).values(
            id=1, slot_key="m", kind="moment", lane=Lane.AT_ONCE, upto_seq=1, not_before=NOW
        )
    )
    rows = [{"id": n, "state": "active", "nonce": "n", "created_at": NOW} for n in range(1, people + 1)]
    await conn.execute(insert(subscriber), rows)


async def page(client: TestClient) -> str:
    answer = await client.get("/metrics")
    assert answer.status == 200
    return await answer.text()


async def samples(client: TestClient) -> Samples:
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(await page(client))
        for one in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


@pytest.fixture
def promtool() -> str:
    """Prometheus' own checker, where it is installed."""
    return found_promtool()


async def test_promtool_finds_no_fault(client: TestClient, promtool: str, seeded: None) -> None:
    await client.get("/feeds/all.atom")
    assert await judged(promtool, "check", "metrics", said=await page(client)) == (0, "")


async def test_promtool_takes_the_rules_of_the_manual(promtool: str, tmp_path: Path) -> None:
    rules = _in_the_manual("yaml")
    assert len(rules) == 1
    path = tmp_path / "rules.yml"
    path.write_text(rules[0])
    code, words = await judged(promtool, "check", "rules", str(path))
    assert code == 0, words


async def test_the_manual_explains_each_metric_and_no_other(client: TestClient) -> None:
    told = {one.name for one in text_string_to_metric_families(await page(client))}
    manual = set(re.findall(r"^\| `(notifier_[a-z_]+)", MANUAL.read_text(), re.MULTILINE))
    ours = {name for name in told if name.startswith("notifier_")}
    assert {name.removesuffix("_total") for name in manual} == ours
    used = {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for name in re.findall(r"notifier_[a-z_]+", _in_the_manual("yaml")[0])
    }
    assert {name.removesuffix("_total") for name in used} <= ours


def _in_the_manual(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", MANUAL.read_text(), re.DOTALL)


async def test_every_metric_says_what_it_is_in_base_units(client: TestClient) -> None:
    text = await page(client)
    families = list(text_string_to_metric_families(text))
    for one in families:
        assert one.documentation, one.name
        assert one.type in ("gauge", "counter", "histogram"), one.name
        assert re.fullmatch(r"(notifier|process)_[a-z_]+", one.name)
        assert not re.search(r"_(ms|milliseconds|minutes|mb|kb|percent)(_|$)", one.name)
        if one.type == "histogram":
            assert one.name.endswith("_seconds")
    names = [one.name for one in families]
    assert len(names) == len(set(names))
    assert "process_resident_memory_bytes" in names


async def test_no_label_holds_an_address_an_id_or_a_name(client: TestClient, seeded: None) -> None:
    for path in (
        "/procedures/GID-IPG10158",
        "/feeds/GID-IPG10158.atom",
        "/id/1783",
        "/stop/abcdefgh",
        "/confirm/abcdefgh?address=ada@example.org",
        "/nowhere/ada@example.org",
    ):
        await (await client.get(path)).read()
    text = "\n".join(line for line in (await page(client)).splitlines() if not line.startswith("#"))
    for secret in ("GID-IPG10158", "1783", "abcdefgh", "example", "nowhere", "@"):
        assert secret not in text
    found = await samples(client)
    assert value(found, "notifier_web_answers_total", route="/procedures/{reference}", status="200") == 1
    assert value(found, "notifier_web_answers_total", route="none", status="404") == 1


async def test_strangers_are_told_nothing(site: Site, vitals: PlainVitals) -> None:
    guarded = replace(site, health_token=SecretStr(TOKEN))
    async with TestClient(TestServer(build(guarded, vitals))) as client:
        for headers in (ASIDE, ASIDE | {"Authorization": "Bearer wrong"}):
            answer = await client.get("/metrics", headers=headers)
            assert answer.status == 404
            assert "notifier_" not in await answer.text()
        assert (await client.get("/metrics", headers=SHOWN)).status == 200


async def test_a_scraper_may_know_the_service_by_its_address(site: Site, vitals: PlainVitals) -> None:
    async with TestClient(TestServer(build(site, vitals))) as client:
        assert (await client.get("/metrics", headers={"Host": "192.0.2.7:8080"})).status == 200
        assert (await client.get("/metrics", headers={"Host": "evil.example"})).status == 421


async def test_the_lag_of_what_is_due_is_told(client: TestClient, db: Database, clock: StillClock) -> None:
    assert value(await samples(client), "notifier_due_lag_seconds") == 0
    await take(db, ip1783(), now=NOW)
    clock.instant = NOW + timedelta(days=28, minutes=90)
    due = value(await samples(client), "notifier_due_lag_seconds")
    clock.instant += timedelta(seconds=30)
    assert due > 0
    assert value(await samples(client), "notifier_due_lag_seconds") == due + 30


async def test_the_queue_is_told_by_lane_and_state(client: TestClient, db: Database) -> None:
    now = machine_now()
    rows = [
        (Lane.AT_ONCE, DeliveryState.PENDING, now - timedelta(seconds=90)),
        (Lane.AT_ONCE, DeliveryState.PENDING, now - timedelta(seconds=30)),
        (Lane.AT_ONCE, DeliveryState.PENDING, now + timedelta(hours=1)),
        (Lane.DIGESTS, DeliveryState.SENDING, now - timedelta(seconds=10)),
        (Lane.DIGESTS, DeliveryState.ACCEPTED, now - timedelta(hours=9)),
    ]
    async with db.write(Rank.WEB) as conn:
        await _mailing_to(conn, len(rows))
        await conn.execute(
            insert(delivery),
            [
                {"mailing_id": 1, "subscriber_id": n, "lane": lane, "state": state, "next_at": next_at}
                for n, (lane, state, next_at) in enumerate(rows, 1)
            ],
        )
        for expires_at in (now + timedelta(seconds=40), now - timedelta(seconds=1)):
            await conn.execute(insert(owner).values(host="h", renewed_at=now, expires_at=expires_at))
    found = await samples(client)
    counts = {
        labels: count
        for (name, labels), count in found.items()
        if name == "notifier_queue_deliveries" and count
    }
    assert counts == {
        frozenset({("lane", "at_once"), ("state", "ready")}): 2,
        frozenset({("lane", "at_once"), ("state", "put_off")}): 1,
        frozenset({("lane", "digests"), ("state", "sending")}): 1,
    }
    age = value(found, "notifier_queue_oldest_age_seconds", lane="at_once", state="ready")
    assert 90 <= age < 120
    assert value(found, "notifier_owners_alive") == 1


async def test_what_was_sent_is_told(site: Site, vitals: PlainVitals) -> None:
    tally, announcing = DeliveryTally(), Durations((0.1, 1.0))
    for seconds in (0.0009, 0.001, 0.002):
        tally.answered(Verdict.ACCEPTED, seconds)
    tally.answered(Verdict.DOUBTFUL, 99.0)
    tally.took_back(7)
    tally.connected(3, idle=1)
    announcing.add(0.5)
    counted = counted_of(site.db, delivery=tally, announcing=announcing)
    async with TestClient(TestServer(build(site, vitals, counted=counted))) as client:
        found = await samples(client)
    assert value(found, "notifier_delivery_outcomes_total", verdict="accepted") == 3
    assert value(found, "notifier_delivery_outcomes_total", verdict="bad_address") == 0
    assert value(found, "notifier_delivery_doubtful_total") == 1
    assert value(found, "notifier_delivery_taken_back_total") == 7
    assert value(found, "notifier_smtp_answer_seconds_bucket", le="0.001") == 2
    assert value(found, "notifier_smtp_answer_seconds_bucket", le="60.0") == 3
    assert value(found, "notifier_smtp_answer_seconds_bucket", le="+Inf") == 4
    assert value(found, "notifier_smtp_answer_seconds_sum") == pytest.approx(99.0039)
    assert value(found, "notifier_smtp_connections", state="busy") == 2
    assert value(found, "notifier_smtp_connections", state="idle") == 1
    assert value(found, "notifier_announce_duration_seconds_bucket", le="0.1") == 0
    assert value(found, "notifier_announce_duration_seconds_count") == 1


async def test_feeds_and_waits_are_counted(client: TestClient, db: Database, seeded: None) -> None:
    tag = (await client.get("/feeds/all.atom")).headers["ETag"]
    await client.get("/feeds/GID-IPG10158.atom")
    await client.get("/feeds/all.atom", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    async with db.write(Rank.EXPAND):
        pass
    found = await samples(client)
    assert value(found, "notifier_feed_answers_total", format="atom", status="200") == 2
    assert value(found, "notifier_feed_answers_total", format="atom", status="304") == 1
    assert value(found, "notifier_gate_wait_seconds_count", rank="expand") == 1


async def test_without_a_database_the_rest_is_told(client: TestClient, db: Database) -> None:
    assert value(await samples(client), "notifier_database_up") == 1
    async with db.write(Rank.WEB) as conn:
        await conn.exec_driver_sql("ALTER TABLE owner RENAME TO lost")
    found = await samples(client)
    assert value(found, "notifier_database_up") == 0
    assert "notifier_owners_alive" not in {name for name, _ in found}
    assert value(found, "notifier_smtp_connections", state="idle") == 0
