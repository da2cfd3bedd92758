"""Feeds and calendars over a real socket, as readers, caches and calendar programs ask for them."""

import gzip
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import feedparser
import pytest
import rnc2rng
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from icalendar import Calendar
from lxml import etree

from notifier.clock import machine_now
from notifier.db import Database
from notifier.instance import note_sweep, recognise
from notifier.subscriptions.tokens import Signer
from notifier.web.app import build
from notifier.web.documents import SETTLED
from notifier.web.keys import Site
from tests.web.web_cast import (
    DRAFT,
    EARLIER,
    HOSTILE,
    NOW,
    PUBLIC_URL,
    SERVICE,
    PlainVitals,
    StillClock,
    ip1783,
    moving,
    speak,
    take,
)

SCHEMA = Path(__file__).parents[1] / "feeds" / "schemas" / "atom.rnc"
FEEDS = ["/feeds/all.atom", "/feeds/all.rss", "/feeds/GID-IPG10158.atom", "/feeds/GID-IPG10158.rss"]
CALENDARS = ["/calendar/all.ics", "/calendar/GID-IPG10158.ics"]
DOCUMENTS = FEEDS + CALENDARS
PLAIN = {"Accept-Encoding": "identity"}
TOLD_BY_304 = ("ETag", "Vary", "Cache-Control", "Last-Modified")


@cache
def schema() -> etree.RelaxNG:
    translated = rnc2rng.dumps(rnc2rng.loads(SCHEMA.read_text(encoding="utf-8")))
    return etree.RelaxNG(etree.fromstring(translated.replace('xmlns:local=""', "").encode()))


@pytest.fixture
async def raw(site: Site, vitals: PlainVitals, seeded: None) -> Any:
    """A client that shows the bytes as they were sent, and follows nobody."""
    server = TestServer(build(site, vitals))
    async with TestClient(server, auto_decompress=False) as found:
        yield found


async def get(client: TestClient, path: str, headers: Mapping[str, str] = PLAIN) -> ClientResponse:
    response = await client.get(path, headers=dict(headers), allow_redirects=False)
    await response.read()
    return response


async def feed(client: TestClient, path: str) -> Any:
    response = await get(client, path)
    assert response.status == 200
    return feedparser.parse(await response.read())


async def test_both_feeds_tell_each_stage_newest_first(raw: TestClient) -> None:
    for suffix in ("atom", "rss"):
        parsed = await feed(raw, f"/feeds/GID-IPG10158.{suffix}")
        assert not parsed.bozo
        assert parsed.feed.link == f"{PUBLIC_URL}/procedures/GID-IPG10158"
        assert [entry.title.partition(":")[0] for entry in parsed.entries] == [
            "Comments scheduled for 14 October to 11 November 2022",
            "IPAC 1 listed for 8 September 2022",
        ]
        assert {entry.link for entry in parsed.entries} == {f"{PUBLIC_URL}/procedures/GID-IPG10158"}


async def test_the_feed_of_everything_holds_the_entries_of_all_under_the_same_ids(raw: TestClient) -> None:
    everything = {entry.id for entry in (await feed(raw, "/feeds/all.atom")).entries}
    for reference in ("GID-IPG10158", "GID-TA20001"):
        own = {entry.id for entry in (await feed(raw, f"/feeds/{reference}.atom")).entries}
        assert own
        assert own <= everything


@pytest.mark.parametrize("name", ["all", "GID-IPG10158", "GID-NG30001", "GID-X1"])
async def test_atom_is_valid_by_the_schema_of_its_rfc(raw: TestClient, name: str) -> None:
    tree = etree.fromstring(await (await get(raw, f"/feeds/{name}.atom")).read())
    schema().assertValid(tree)
    (own,) = tree.findall("{*}link[@rel='self']")
    assert own.get("href") == f"{PUBLIC_URL}/feeds/{name}.atom"


async def test_a_feed_without_entries_is_dated_by_the_first_listing(client: TestClient, db: Database) -> None:
    await take(db, ip1783())
    parsed = await feed(client, "/feeds/GID-IPG10158.atom")
    assert parsed.entries == []
    assert parsed.feed.updated_parsed[:6] == EARLIER.timetuple()[:6]


async def test_hostile_words_stay_words_in_title_and_calendar(raw: TestClient) -> None:
    assert (await feed(raw, "/feeds/GID-X1.rss")).feed.title.endswith(f"{HOSTILE} (GID-X1)")
    text = await (await get(raw, "/calendar/GID-X1.ics")).read()
    (entry,) = Calendar.from_ical(text).walk("VEVENT")
    assert HOSTILE in entry["SUMMARY"]


async def test_the_calendar_shows_opening_and_closing_and_cancels_nothing(raw: TestClient) -> None:
    text = await (await get(raw, "/calendar/GID-IPG10158.ics")).read()
    found = [(str(one["SUMMARY"])[:7], one["DTSTART"].dt) for one in Calendar.from_ical(text).walk("VEVENT")]
    assert [day for _, day in found] == [
        date(2022, 9, 8),
        date(2022, 10, 14),
        date(2022, 11, 11),
        date(2023, 1, 12),
        date(2023, 3, 29),
    ]
    assert [lead for lead, _ in found[1:3]] == ["Opens: ", "Closes:"]


async def test_a_moved_date_keeps_its_uid_and_grows_its_sequence_and_stamp(
    raw: TestClient, db: Database
) -> None:
    (before,) = Calendar.from_ical(await (await get(raw, "/calendar/GID-TA20001.ics")).read()).walk("VEVENT")
    await take(db, moving(date(2023, 2, 22)), now=NOW)
    (after,) = Calendar.from_ical(await (await get(raw, "/calendar/GID-TA20001.ics")).read()).walk("VEVENT")
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert (before["LAST-MODIFIED"].dt, after["LAST-MODIFIED"].dt) == (NOW - timedelta(days=4), NOW)
    assert after["DTSTART"].dt == date(2023, 2, 22)


async def test_the_calendar_of_everything_holds_every_topic_but_drafts(raw: TestClient) -> None:
    text = (await (await get(raw, "/calendar/all.ics")).read()).decode()
    uids = {str(one["UID"]).partition(".")[0] for one in Calendar.from_ical(text).walk("VEVENT")}
    assert uids == {"GID-IPG10158", "GID-TA20001", "GID-MT550", "GID-X1"}


@pytest.mark.parametrize("path", ["/feeds/{}.atom", "/feeds/{}.rss", "/calendar/{}.ics"])
@pytest.mark.parametrize("reference", [DRAFT.reference, "GID-NONE", "%3Cscript%3E"])
async def test_a_draft_and_an_unknown_reference_are_not_found(
    raw: TestClient, path: str, reference: str
) -> None:
    response = await get(raw, path.format(reference))
    assert response.status == 404
    assert "<script>" not in await response.text()


async def test_what_is_not_found_says_where_to_look(raw: TestClient) -> None:
    text = await (await get(raw, "/feeds/GID-NONE.atom")).text()
    assert f"{PUBLIC_URL}/feeds/all.atom" in text


async def test_what_becomes_a_draft_leaves_the_feed_of_everything(
    raw: TestClient, db: Database, clock: StillClock
) -> None:
    first = await get(raw, "/feeds/all.atom")
    hidden = ip1783()
    await take(db, type(hidden)(reference=hidden.reference, facts=hidden.facts,
                                milestones=hidden.milestones, draft=True), now=NOW)  # fmt: skip
    clock.instant = NOW + timedelta(minutes=5)
    second = await get(raw, "/feeds/all.atom", PLAIN | {"If-None-Match": first.headers["ETag"]})
    assert second.status == 200
    assert b"IP1783" in await first.read()
    assert b"IP1783" not in await second.read()


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/feeds/gid-ipg10158.atom", "/feeds/GID-IPG10158.atom"),
        ("/feeds/IPG749.rss", "/feeds/GID-IPG10158.rss"),
        ("/calendar/ipg749.ics", "/calendar/GID-IPG10158.ics"),
    ],
)
async def test_any_reference_in_any_case_leads_for_good_to_the_first(
    raw: TestClient, asked: str, canonical: str
) -> None:
    response = await get(raw, asked)
    assert response.status == 301
    assert response.url.join(raw.make_url(response.headers["Location"])).path.endswith(
        canonical.rpartition("/")[2]
    )
    followed = await raw.get(asked, headers=PLAIN)
    assert (followed.status, followed.url.path) == (200, canonical)


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_a_document_says_what_it_is_and_how_long_it_holds(raw: TestClient, path: str) -> None:
    headers = (await get(raw, path)).headers
    kind = {"atom": "application/atom+xml", "rss": "application/rss+xml", "ics": "text/calendar"}
    assert headers["Content-Type"] == f"{kind[path.rpartition('.')[2]]}; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=60"
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_gzip_is_the_same_document_under_a_tag_of_its_own(raw: TestClient, path: str) -> None:
    plain, zipped = await get(raw, path), await get(raw, path, {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await zipped.read()) == await plain.read()
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    assert not plain.headers["ETag"].startswith("W/")


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_head_has_the_headers_of_get_and_no_body(raw: TestClient, path: str) -> None:
    whole = await get(raw, path)
    head = await raw.head(path, headers=PLAIN)
    assert await head.read() == b""
    wanted = (*TOLD_BY_304, "Content-Type", "Content-Length")
    assert {name: head.headers.get(name) for name in wanted} == {
        name: whole.headers.get(name) for name in wanted
    }


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_reader_who_has_the_newest_gets_304_with_its_headers_and_no_body(
    raw: TestClient, clock: StillClock, path: str, coding: str
) -> None:
    await get(raw, path)
    clock.instant += SETTLED
    whole = await get(raw, path, {"Accept-Encoding": coding})
    for condition in (
        {"If-None-Match": whole.headers["ETag"]},
        {"If-None-Match": f'"other", W/{whole.headers["ETag"]}'},
        {"If-Modified-Since": whole.headers["Last-Modified"]},
    ):
        again = await get(raw, path, {"Accept-Encoding": coding} | condition)
        assert (again.status, await again.read()) == (304, b"")
        assert {name: again.headers[name] for name in TOLD_BY_304} == {
            name: whole.headers[name] for name in TOLD_BY_304
        }
        assert "Content-Encoding" not in again.headers


async def test_a_304_makes_no_document(raw: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = (await get(raw, "/feeds/all.atom")).headers["ETag"]

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("notifier.feeds.views.feed_of_everything", never)
    assert (await get(raw, "/feeds/all.atom", PLAIN | {"If-None-Match": etag})).status == 304
    assert (await get(raw, "/feeds/all.atom")).status == 200
    assert (await get(raw, "/feeds/all.atom", {"Accept-Encoding": "gzip"})).status == 500


@pytest.mark.parametrize("path", FEEDS)
async def test_an_event_changes_the_tag_and_is_in_the_next_answer(
    raw: TestClient, db: Database, clock: StillClock, path: str
) -> None:
    first = await get(raw, path)
    clock.instant = NOW + timedelta(days=28)
    assert await speak(db, clock.instant)
    second = await get(raw, path, PLAIN | {"If-None-Match": first.headers["ETag"]})
    assert second.status == 200
    assert second.headers["ETag"] != first.headers["ETag"]
    entries = feedparser.parse(await second.read()).entries
    assert len(entries) > len(feedparser.parse(await first.read()).entries)
    assert (await get(raw, path, PLAIN | {"If-None-Match": first.headers["ETag"]})).status == 200


async def test_an_event_of_another_topic_leaves_a_feed_as_it_was(raw: TestClient, db: Database) -> None:
    first = await get(raw, "/feeds/GID-IPG10158.atom")
    await take(db, moving(date(2023, 2, 22)), now=NOW)
    assert await speak(db, NOW)
    again = await get(raw, "/feeds/GID-IPG10158.atom", PLAIN | {"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("path", CALENDARS)
async def test_a_moved_date_changes_the_tag_of_its_calendars(
    raw: TestClient, db: Database, path: str
) -> None:
    first = await get(raw, path)
    await take(db, ip1783(ends=date(2022, 11, 25)), now=NOW)
    second = await get(raw, path, PLAIN | {"If-None-Match": first.headers["ETag"]})
    assert second.status == 200
    assert b"20221125" in await second.read()


async def test_a_change_in_this_very_second_is_not_hidden_by_a_last_modified(raw: TestClient) -> None:
    response = await get(raw, "/feeds/GID-IPG10158.atom")
    assert "Last-Modified" not in response.headers


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_a_change_that_is_committed_long_after_its_instant_is_not_hidden(
    raw: TestClient, db: Database, clock: StillClock, path: str
) -> None:
    begun = NOW + timedelta(days=1)
    clock.instant = begun + timedelta(seconds=1)
    await take(db, ip1783(ends=date(2022, 11, 18)), now=begun)
    await get(raw, path)
    clock.instant += SETTLED
    since = {"If-Modified-Since": (await get(raw, path)).headers["Last-Modified"]}
    assert (await get(raw, path, PLAIN | since)).status == 304
    await take(db, ip1783(ends=date(2022, 11, 25)), now=begun)  # a later part of the same list
    assert (await get(raw, path, PLAIN | since)).status == 200


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_a_database_that_was_put_back_counts_anew_and_tags_anew(
    raw: TestClient, db: Database, tmp_path: Path, path: str
) -> None:
    served, backup = Path(str(db.url.database)), tmp_path / "backup.db"
    recognised = partial(
        recognise, db, Signer(bytes(32)), database=served, public_url="https://alerts.example", now=NOW
    )
    await recognised(machine_now=machine_now())
    await note_sweep(db, served)
    _copy(served, backup)
    await note_sweep(db, served)
    await take(db, ip1783(ends=date(2022, 11, 18)), now=NOW)
    undone = (await get(raw, path)).headers["ETag"]
    _copy(backup, served)
    await recognised(machine_now=machine_now())
    await take(db, ip1783(ends=date(2022, 11, 25)), now=NOW)
    assert (await get(raw, path, PLAIN | {"If-None-Match": undone})).status == 200


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_another_identity_of_the_service_changes_the_tag(
    raw: TestClient, site: Site, vitals: PlainVitals, path: str
) -> None:
    before = (await get(raw, path)).headers["ETag"]
    renamed = SERVICE.model_copy(update={"name": "Other Alerts"})
    other = Site(**{name: getattr(site, name) for name in Site.__slots__} | {"service": renamed})
    async with TestClient(TestServer(build(other, vitals))) as client:
        assert (await get(client, path)).headers["ETag"] != before


async def test_the_same_state_gives_the_same_bytes_on_another_day(
    raw: TestClient, site: Site, vitals: PlainVitals, clock: StillClock
) -> None:
    before = {path: await (await get(raw, path)).read() for path in DOCUMENTS}
    clock.instant += timedelta(days=400)
    async with TestClient(TestServer(build(site, vitals))) as client:
        assert {path: await (await get(client, path)).read() for path in DOCUMENTS} == before


async def test_a_service_that_knows_nothing_yet_has_valid_feeds_all_the_same(client: TestClient) -> None:
    response = await get(client, "/feeds/all.atom")
    schema().assertValid(etree.fromstring(await response.read()))
    assert (await get(client, "/feeds/all.rss")).status == 200
    calendar = await get(client, "/calendar/all.ics")
    assert Calendar.from_ical(await calendar.read()).walk("VEVENT") == []
