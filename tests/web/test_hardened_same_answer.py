"""The answer to a sign-up, and its time, tell nothing of the address.

Time alone makes a poor test, because what is to be hidden is a millisecond. So every statement is made slow
here, and what is known of an address shows plainly, unless the answer waits for its beat.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from notifier.db import Database
from notifier.web.keys import Site
from notifier.web.limits import Limits
from notifier.web.same_answer import rest_of_beat
from tests.web.conftest import AT_ONCE
from tests.web.people import FORM, confirm_link
from tests.web.web_cast import PlainVitals
from tests.web.wire import Heard, Wire, serving

pytestmark = pytest.mark.usefixtures("seeded")

TRIES = 5
STATEMENT = 0.004
"""Seconds that each statement takes: an unknown address needs a dozen of them, a fenced one two."""
TELLING = 0.02
"""Seconds by which two kinds of address must differ to be told apart here: five statements."""
BEAT = timedelta(milliseconds=200)


@pytest.fixture
def slow_statements(db: Database) -> Iterator[None]:
    def wait(*_: object) -> None:
        time.sleep(STATEMENT)

    engines = [engine.sync_engine for engine in vars(db).values() if hasattr(engine, "sync_engine")]
    assert engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", wait)
    yield
    for engine in engines:
        event.remove(engine, "before_cursor_execute", wait)


async def ask(wire: Wire, address: str, **changed: str) -> tuple[float, Heard]:
    body = urlencode(FORM | {"address": address} | changed).encode()
    began = time.perf_counter()
    heard = await wire.post("/subscribe", body)
    assert heard.status == 200
    return time.perf_counter() - began, heard


async def spread(site: Site, vitals: PlainVitals, db: Database, limits: Limits) -> float:
    """Return by how much the shortest times of five kinds of address differ, in seconds.

    The shortest, since a busy machine makes times longer and never shorter.
    """
    async with serving(site, vitals, limits) as wire:
        await ask(wire, "known@example.org")
        await wire.post(await confirm_link(db, site), b"")
        for _ in range(3):
            await ask(wire, "fenced@example.org")
        await ask(wire, "waiting@example.org")
        taken: dict[str, list[float]] = {}
        for n in range(TRIES):
            kinds = {
                "unknown": (f"new{n}@example.org", {}),
                "waiting": ("waiting@example.org", {}),
                "known": ("known@example.org", {}),
                "fenced": ("fenced@example.org", {}),
                "trapped": ("trapped@example.org", {"website": "x"}),
            }
            for kind, (address, changed) in kinds.items():
                taken.setdefault(kind, []).append((await ask(wire, address, **changed))[0])
    shortest = [min(times) for times in taken.values()]
    return max(shortest) - min(shortest)


@pytest.mark.usefixtures("slow_statements")
async def test_the_time_of_an_answer_tells_nothing_of_the_address(
    site: Site, vitals: PlainVitals, db: Database
) -> None:
    generous = replace(site, limits=replace(site.limits, per_address_and_day=3 * TRIES))
    assert await spread(generous, vitals, db, replace(AT_ONCE, answer_after=BEAT)) < TELLING


@pytest.mark.usefixtures("slow_statements")
async def test_without_the_beat_it_would(site: Site, vitals: PlainVitals, db: Database) -> None:
    assert await spread(site, vitals, db, AT_ONCE) > TELLING


async def spread_of_links(site: Site, vitals: PlainVitals, db: Database, limits: Limits) -> float:
    """Return the same of the form that mails a link to everything an address gets."""
    async with serving(site, vitals, limits) as wire:
        await ask(wire, "known@example.org")
        await wire.post(await confirm_link(db, site), b"")
        taken: dict[str, list[float]] = {}
        for _ in range(TRIES):
            for address in ("known@example.org", "unknown@example.org"):
                began = time.perf_counter()
                heard = await wire.post("/preferences", urlencode({"address": address}).encode())
                assert heard.status == 200
                taken.setdefault(address, []).append(time.perf_counter() - began)
    shortest = [min(times) for times in taken.values()]
    return max(shortest) - min(shortest)


@pytest.mark.usefixtures("slow_statements")
@pytest.mark.parametrize("beat", [BEAT, timedelta(0)])
async def test_nor_does_the_time_of_an_answer_to_who_asks_for_a_link(
    site: Site, vitals: PlainVitals, db: Database, beat: timedelta
) -> None:
    generous = replace(site, limits=replace(site.limits, per_address_and_day=3 * TRIES))
    found = await spread_of_links(generous, vitals, db, replace(AT_ONCE, answer_after=beat))
    assert found < TELLING if beat else found > TELLING


async def test_the_words_are_the_same_too(site: Site, vitals: PlainVitals, db: Database) -> None:
    async with serving(site, vitals, AT_ONCE) as wire:
        heard = [(await ask(wire, "ada@example.org"))[1]]
        heard.append((await ask(wire, "ada@example.org"))[1])
        await wire.post(await confirm_link(db, site), b"")
        heard += [(await ask(wire, "ada@example.org"))[1] for _ in range(3)]

    def plain(one: Heard) -> tuple[list[str], bytes]:
        return [line for line in one.head.split("\r\n") if not line.startswith("Date:")], one.body

    assert all(plain(one) == plain(heard[0]) for one in heard)


@given(elapsed=st.floats(0, 1e6), beat=st.floats(0.001, 10))
def test_every_answer_leaves_on_a_beat(elapsed: float, beat: float) -> None:
    rest = rest_of_beat(elapsed, beat)
    assert 0 <= rest <= beat
    beats = (elapsed + rest) / beat
    assert abs(beats - round(beats)) < 1e-3
    assert rest_of_beat(elapsed, 0) == 0
