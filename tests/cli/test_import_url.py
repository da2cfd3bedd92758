"""`notifier import` of an address: asked once and politely, redirects explained, a source's word kept."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.db import Database, Rank
from notifier.procedures import source_store
from notifier.procedures import store as procedures
from notifier.procedures.model import Procedure
from notifier.procedures.source_store import KnownSource
from notifier.procedures.tables import change
from tests.cast import BEGIN
from tests.cast import rows as rows_of
from tests.cli.import_scene import in_days, page, say, settle_in, with_database
from tests.sources.fetching.fetch_server import Site, serving

REFERENCE = ("--reference", "GID-IPG10999")
WATCHING = '\n[watching]\nallow_private = ["127.0.0.0/8"]\nseconds_between = 0\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    settle_in(tmp_path, WATCHING)
    return tmp_path


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server in a thread of its own, because the command runs a loop of its own."""
    found: list[Site] = []
    up, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with serving() as one:
            found.append(one)
            up.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    up.wait(10)
    yield found[0]
    loops[0].call_soon_threadsafe(over.set)
    thread.join(10)


def _watch(home: Path, url: str, more: str = "") -> None:
    with (home / "config" / "notifier.toml").open("a") as file:
        file.write(f'\n[[sources]]\nname = "nice-list"\nurl = "{url}"\n{more}\n')


def _stored() -> Procedure:
    async def look(db: Database) -> Procedure:
        async with db.read() as conn:
            found = await procedures.find(conn, "GID-IPG10999")
        assert found is not None
        return found

    return with_database(look)


def _source(key: str) -> KnownSource | None:
    async def look(db: Database) -> KnownSource | None:
        async with db.read() as conn:
            return (await source_store.known(conn)).get(key)

    return with_database(look)


def _list(*references: str, days: int) -> str:
    schedule = [{"label": "Expected publication", "date": in_days(days).isoformat()}]
    found = [
        {"reference": one, "title": one, "status": "In progress", "milestones": schedule}
        for one in references
    ]
    return json.dumps({"procedures": found})


def test_an_address_is_asked_once_and_says_who_asks(site: Site) -> None:
    url = site.page("/page", text=page())
    found = say("import", url, *REFERENCE)
    assert found.exit_code == 0, found.output
    assert site.asked == ["/page"]
    assert "help@kidneys.org.uk" in site.headers[0]["User-Agent"]
    assert len(_stored().milestones) == 3
    assert _stored().source_key is None, "nobody watches an address that was imported by hand"


def test_the_reference_is_taken_from_the_address(site: Site) -> None:
    url = site.page("/guidance/indevelopment/gid-ipg10999", text=page())
    assert say("import", url).exit_code == 0
    assert _stored().slug == "GID-IPG10999"


def test_a_redirect_to_published_guidance_is_explained_and_changes_nothing(site: Site, home: Path) -> None:
    there = site.url("/guidance/ipg749")
    url = site.moved("/guidance/indevelopment/gid-ipg10999", there)
    found = say("import", url)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "it leads to guidance that is published, IPG749 at " in found.stderr
    assert "notifier procedure confirm" in found.stderr
    assert site.asked == ["/guidance/indevelopment/gid-ipg10999"]
    assert not (home / "data").exists()


def test_a_redirect_elsewhere_is_not_followed(site: Site) -> None:
    url = site.moved("/page", site.url("/login"))
    found = say("import", url, *REFERENCE)
    assert found.exit_code == 2
    assert f"did you mean {site.url('/login')}?" in found.stderr


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 404}, {"text": ""}])
def test_a_page_that_cannot_be_had_is_a_sentence(site: Site, answer: dict[str, object]) -> None:
    found = say("import", site.page("/page", **({"text": "x"} | answer)), *REFERENCE)
    assert (found.exit_code, found.stdout) == (2, "")
    assert site.url("/page") in found.stderr
    assert "Traceback" not in found.output


def test_who_asks_must_be_known(home: Path, site: Site) -> None:
    (home / "config" / "notifier.toml").write_text(WATCHING)
    found = say("import", site.page("/page", text=page()), *REFERENCE)
    assert found.exit_code == 2
    assert "[service]" in found.stderr
    assert site.asked == []


def test_a_configured_address_is_that_source_with_its_key_and_reference(site: Site, home: Path) -> None:
    url = site.page("/page", text=page())
    (home / "key").write_text("s3cret")
    _watch(home, url, 'reference = "GID-IPG10999"\napi_key_file = "key"')
    found = say("import", url)
    assert found.exit_code == 0, found.output
    assert site.headers[0]["API-Key"] == "s3cret"
    assert "s3cret" not in found.output
    assert _stored().source_key == "web:nice-list"


def test_a_reading_that_was_braked_is_let_through_by_hand(site: Site, home: Path) -> None:
    url = site.page("/list.json", text=_list("GID-IPG10999", "GID-B", days=100))
    _watch(home, url)
    say("import", url)

    async def fail(db: Database) -> None:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await source_store.note_failure(conn, "web:nice-list", "Too much.", now=BEGIN, next_at=BEGIN)

    with_database(fail)
    site.page("/list.json", text=_list("GID-IPG10999", "GID-B", days=130))
    assert say("import", url).exit_code == 0
    known = _source("web:nice-list")
    assert known is not None
    assert (known.failing_since, known.problem) == (None, None)
    assert _stored().milestones[0].dates.start == in_days(130)
    waiting = with_database(lambda db: rows_of(db, change))
    assert [row["reads_left"] for row in waiting if row["subject"] != "listed"] == [1, 1], "seen again first"


def test_a_file_that_speaks_for_a_procedure_is_not_overruled_by_an_address(site: Site, home: Path) -> None:
    url = site.page("/page", text=page())
    (home / "config" / "procedures").mkdir()
    (home / "config" / "procedures" / "own.toml").write_text('reference = "GID-IPG10999"\n')
    say("import", url, *REFERENCE)

    async def own(db: Database) -> None:
        from notifier.procedures.tables import procedure

        async with db.write(Rank.HOUSEKEEPING) as conn:
            await conn.execute(procedure.update().values(source_key="file:own.toml"))

    with_database(own)
    _watch(home, url, 'reference = "GID-IPG10999"')
    found = say("import", url)
    assert found.exit_code == 2
    assert '"file:own.toml" speaks for GID-IPG10999 already' in found.stderr
