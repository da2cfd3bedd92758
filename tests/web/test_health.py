"""Health over a real socket: for people, for machines, and for whoever runs the service."""

import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import insert, select, text, update

from notifier import holds
from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.server_watch import Fault
from notifier.delivery.tables import delivery
from notifier.hold_kinds import HoldKind
from notifier.procedures.model import Status
from notifier.procedures.tables import due
from notifier.schema import instance
from notifier.subscriptions import course
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.tables import bounce
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from notifier.web.app import build
from notifier.web.keys import Site
from tests.web.web_cast import NOW, PlainVitals, StillClock, ip1783, take

JSON = {"Accept": "application/json"}
PROXIED = {"X-Forwarded-For": "203.0.113.9"}
TOKEN = "a-token-of-the-tests"


@pytest.fixture(autouse=True)
def awake(vitals: PlainVitals) -> None:
    """The process has just swept: what it says of itself is machine time."""
    vitals.started_at = vitals.swept_at = machine_now()


async def health(client: TestClient, **headers: str) -> dict[str, Any]:
    response = await client.get("/health", headers=JSON | headers)
    assert response.content_type == "application/json"
    return dict(await response.json())


async def follow(db: Database, address: str, topic: Topic) -> None:
    async with db.write(Rank.WEB) as conn:
        who = await subscriptions.subscriber_id(conn, address=address, address_key=address, now=NOW)
        what = await subscriptions.topic_id(conn, topic)
        asked = await course.ask(conn, subscriber_id=who, topic_id=what, kinds=-1, now=NOW, confirm_until=NOW)
        found = await subscriptions.get(conn, asked)
        assert found is not None
        await course.activate(conn, found, since_seq=0, wording="", now=NOW)


async def queue_mail(db: Database, next_at: datetime, lane: Lane = Lane.AT_ONCE) -> None:
    async with db.write(Rank.WEB) as conn:
        who = await subscriptions.subscriber_id(conn, address="a@x.org", address_key="a@x.org", now=NOW)
        values = {"mailing_id": 0, "subscriber_id": who, "lane": lane, "next_at": next_at}
        await conn.execute(insert(delivery).values(values))


def parts_of(body: str) -> tuple[str, dict[str, Any]]:
    first, _, rest = body.partition("\n\n")
    return first, json.loads(rest)


async def test_the_first_line_is_for_people_and_the_rest_for_machines(
    client: TestClient, seeded: None
) -> None:
    response = await client.get("/health")
    assert (response.status, response.content_type) == (200, "text/plain")
    assert response.headers["Cache-Control"] == "no-store"
    first, rest = parts_of(await response.text())
    assert first.startswith("OK. Everything due is announced and handed over. Next: 9am, 4 November 2022,")
    assert rest["sentence"] == first


async def test_people_who_follow_the_next_topic_are_counted_once_each(
    client: TestClient, db: Database
) -> None:
    found = await take(db, ip1783(), now=NOW)
    await follow(db, "one@x.org", procedure_topic(found))
    await follow(db, "one@x.org", EVERYTHING)
    await follow(db, "two@x.org", Topic(kind=TopicKind.PROCESS, value="ip"))
    await follow(db, "other@x.org", Topic(kind=TopicKind.PROCESS, value="sta"))
    answer = await health(client)
    assert answer["sentence"].endswith("Next: 9am, 4 November 2022, IP1783, 2 people.")
    assert answer["next"] == "2022-11-04T09:00:00+00:00"
    assert answer["next_due"] == {"at": answer["next"], "ids": ["IP1783"], "people": 2}


async def test_who_stopped_is_not_counted(client: TestClient, db: Database) -> None:
    found = await take(db, ip1783(), now=NOW)
    await follow(db, "one@x.org", procedure_topic(found))
    async with db.write(Rank.WEB) as conn:
        (active,) = await subscriptions.active_of(conn, 1)
        await course.end(conn, active, seq=0, reason="test", now=NOW)
    assert (await health(client))["sentence"].endswith("IP1783, nobody follows yet.")


async def test_an_answer_through_a_proxy_holds_no_more_than_everybody_may_know(
    client: TestClient, vitals: PlainVitals, seeded: None
) -> None:
    vitals.source_problems.append("/srv/procedures/ip1783.toml, line 3")
    vitals.fault = Fault(reason="535 at smtp.internal", since=NOW, next_at=NOW)
    answer = await health(client, **PROXIED)
    assert sorted(answer) == ["next", "sentence", "since", "state"]
    assert "internal" not in json.dumps(answer)
    assert "/srv" not in json.dumps(answer)


async def test_whoever_is_on_the_machine_is_told_causes_and_what_to_do(
    client: TestClient, vitals: PlainVitals, seeded: None
) -> None:
    vitals.fault = Fault(reason="535 at smtp.internal", since=NOW - timedelta(minutes=5), next_at=NOW)
    answer = await health(client)
    (problem,) = answer["problems"]
    assert answer["state"] == problem["state"] == "attention"
    assert problem["detail"] == "535 at smtp.internal"
    assert answer["since"] == problem["since"] == "2022-10-14T09:25:00+00:00"
    swept_at = datetime.fromisoformat(answer["last_sweep"])
    assert timedelta(0) <= NOW - swept_at < timedelta(minutes=1)


async def test_a_date_that_is_due_and_silent_is_red(
    client: TestClient, db: Database, clock: StillClock
) -> None:
    await take(db, ip1783(), now=NOW - timedelta(days=30))
    clock.instant = NOW
    response = await client.get("/health", headers=JSON)
    answer = await response.json()
    assert (response.status, answer["state"]) == (503, "broken")
    assert answer["oldest_unannounced"] == answer["since"] == "2022-10-14T08:00:00+00:00"


async def test_a_held_date_is_not_red_but_told_as_its_day_comes(client: TestClient, db: Database) -> None:
    await take(db, ip1783(), now=NOW - timedelta(days=30))
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(due).where(due.c.state == "pending").values(state="held"))
    answer = await health(client)
    assert answer["state"] == "attention"
    assert "1 date is held, the earliest for 14 October 2022." in answer["sentence"]


@pytest.mark.parametrize(
    ("minutes", "status", "state"), [(5, 200, "ok"), (20, 200, "attention"), (61, 503, "broken")]
)
async def test_mail_that_waits_is_told_by_its_age(
    client: TestClient, db: Database, seeded: None, minutes: int, status: int, state: str
) -> None:
    await queue_mail(db, machine_now() - timedelta(minutes=minutes))
    response = await client.get("/health", headers=JSON)
    assert (response.status, (await response.json())["state"]) == (status, state)


async def test_a_mail_that_its_server_wants_later_is_no_backlog(
    client: TestClient, db: Database, seeded: None
) -> None:
    await queue_mail(db, machine_now() + timedelta(hours=4))
    answer = await health(client)
    assert (answer["state"], answer["oldest_unsent_mail"]) == ("ok", None)


async def test_a_mail_that_was_handed_over_is_no_backlog(
    client: TestClient, db: Database, seeded: None
) -> None:
    await queue_mail(db, machine_now() - timedelta(hours=4))
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(delivery).values(state=DeliveryState.ACCEPTED))
    assert (await health(client))["state"] == "ok"


async def test_a_mail_to_one_bad_address_is_no_backlog(
    client: TestClient, db: Database, seeded: None, vitals: PlainVitals
) -> None:
    await queue_mail(db, machine_now() - timedelta(hours=4))
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(delivery).values(state=DeliveryState.FAILED, code=550))
    vitals.unknown_addresses = 1
    assert (await health(client))["state"] == "ok"


async def test_mails_that_came_back_count_with_those_that_were_refused(
    client: TestClient, db: Database, seeded: None, vitals: PlainVitals
) -> None:
    vitals.unknown_addresses = 48
    await queue_mail(db, machine_now() - timedelta(hours=4))
    async with db.write(Rank.WEB) as conn:
        [queued] = (await conn.execute(select(delivery.c.id, delivery.c.subscriber_id))).all()
        values = {"lane": 2, "next_at": NOW, "mailing_id": 0, "subscriber_id": queued.subscriber_id}
        await conn.execute(insert(delivery), [{"part": part, **values} for part in (1, 2)])
        await conn.execute(update(delivery).values(state=DeliveryState.ACCEPTED))
        for one in await conn.scalars(select(delivery.c.id)):
            row = {"fingerprint": str(one), "kind": "hard", "delivery_id": one, "at": NOW}
            await conn.execute(insert(bounce).values(row))
    answer = await health(client)
    assert answer["state"] == "attention"
    [problem] = answer["problems"]
    assert problem["sentence"] == (
        "More than 5 % of the last 1,000 mails came back, or were refused for want of a mailbox."
    )
    assert problem["detail"].startswith("3 came back and 48 were refused at once.")


async def test_a_source_that_is_down_with_nothing_due_is_not_red(
    client: TestClient, vitals: PlainVitals
) -> None:
    vitals.source_problems.append("ip1783.toml:3: expected a date")
    vitals.sources_unread_since = NOW - timedelta(days=3)
    response = await client.get("/health", headers=JSON)
    answer = await response.json()
    assert (response.status, answer["state"]) == (200, "attention")
    assert answer["problems"][0]["since"] == answer["since"] == "2022-10-11T09:30:00+00:00"


@pytest.mark.parametrize(("minutes", "state"), [(59, "ok"), (61, "attention"), (121, "broken")])
async def test_a_digest_may_take_two_hours(
    client: TestClient, db: Database, seeded: None, minutes: int, state: str
) -> None:
    await queue_mail(db, machine_now() - timedelta(minutes=minutes), lane=Lane.DIGESTS)
    assert (await health(client))["state"] == state


async def test_a_database_that_takes_no_writes_is_red(client: TestClient, db: Database, seeded: None) -> None:
    full = "CREATE TRIGGER full BEFORE UPDATE ON instance BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    values = {"id": 1, "public_url": "", "secret_fingerprint": "", "last_now": NOW}
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(instance).values(values))
        await conn.execute(text(full))
    response = await client.get("/health", headers=JSON)
    answer = await response.json()
    assert (response.status, answer["state"]) == (503, "broken")
    assert "Nothing can be written to the database since 10:30am on 14 October 2022." in answer["sentence"]
    assert answer["next"] is not None


async def test_a_disk_that_is_nearly_full_is_red(client: TestClient, vitals: PlainVitals) -> None:
    vitals.free = 50_000_000
    response = await client.get("/health", headers=JSON)
    answer = await response.json()
    assert (response.status, answer["problems"][0]["detail"]) == (503, "50 MB are free.")


async def test_a_status_that_nobody_knows_is_told(client: TestClient, db: Database) -> None:
    found = ip1783()
    await take(db, replace(found, facts=replace(found.facts, status=Status.UNKNOWN)))
    answer = await health(client)
    assert answer["state"] == "attention"
    assert "1 procedure has a status that is not known." in answer["sentence"]


async def test_a_backup_that_is_old_or_missing_is_told(
    site: Site, vitals: PlainVitals, tmp_path: Path
) -> None:
    site = replace(site, backup_file=str(tmp_path / "*.backup"))
    async with TestClient(TestServer(build(site, vitals))) as client:
        assert "There is no backup." in (await health(client))["sentence"]
    copy = tmp_path / "monday.backup"
    copy.write_text("a backup")
    async with TestClient(TestServer(build(site, vitals))) as client:
        assert "backup" not in (await health(client))["sentence"]
    long_ago = machine_now().timestamp() - 30 * 3600
    os.utime(copy, (long_ago, long_ago))
    async with TestClient(TestServer(build(site, vitals))) as client:
        assert "The newest backup is 30 hours old." in (await health(client))["sentence"]


async def test_a_hold_says_what_to_do(client: TestClient, db: Database) -> None:
    sentence = "This machine's clock leapt ahead by 90 minutes."
    async with db.write(Rank.WEB) as conn:
        await holds.put(conn, HoldKind.CLOCK, sentence, machine_now=machine_now())
    answer = await health(client)
    assert answer["state"] == "attention"
    assert answer["sentence"].startswith(f"Attention. Nothing is announced or sent. {sentence}")
    assert answer["problems"][0]["advice"] == "If the clock is right now, run `notifier release clock`."


@pytest.mark.parametrize(
    ("shown", "details"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer {TOKEN}", True),
        (f"Bearer {TOKEN}x", False),
        ("Bearer é", False),
        (f"Basic {TOKEN}", False),
        ("", False),
    ],
)
async def test_who_has_the_token_is_told_the_details_from_anywhere(
    site: Site, vitals: PlainVitals, shown: str, details: bool
) -> None:
    site = replace(site, health_token=SecretStr(TOKEN))
    async with TestClient(TestServer(build(site, vitals))) as client:
        answer = await health(client, **PROXIED, Authorization=shown)
    assert ("problems" in answer) is details


async def test_no_token_is_right_where_none_is_set(client: TestClient) -> None:
    assert "problems" not in await health(client, **PROXIED, Authorization="Bearer None")


async def test_a_process_that_no_longer_looks_is_red(client: TestClient, vitals: PlainVitals) -> None:
    vitals.swept_at = machine_now() - timedelta(seconds=100)
    response = await client.get("/health", headers=JSON)
    assert (response.status, (await response.json())["state"]) == (503, "broken")


async def test_a_database_that_does_not_answer_is_red_and_no_error_page(
    client: TestClient, db: Database
) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(text("ALTER TABLE due RENAME TO gone"))
    response = await client.get("/health")
    assert response.status == 503
    assert (await response.text()).startswith("Broken. The database does not answer.\n\n{")
    assert (await client.get("/health/live")).status == 200


async def test_a_live_process_answers_without_asking_anybody(client: TestClient, db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(text("DROP TABLE alembic_version"))
    response = await client.get("/health/live")
    assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
    assert (await client.get("/health/ready")).status == 503


async def test_a_process_is_ready_with_its_own_schema_and_no_other(client: TestClient, db: Database) -> None:
    assert (await client.get("/health/ready")).status == 200
    async with db.write(Rank.WEB) as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    response = await client.get("/health/ready")
    assert (response.status, response.headers["Cache-Control"]) == (503, "no-store")
    assert "another version" in await response.text()


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_probes_may_ask_with_head(client: TestClient, path: str) -> None:
    response = await client.head(path)
    assert (response.status, await response.read()) == (200, b"")


async def test_a_service_without_dates_says_so(client: TestClient) -> None:
    answer = await health(client)
    assert answer["sentence"].endswith("No date is to come.")
    assert answer["next"] is None
