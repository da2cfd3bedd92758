"""The link that opens all that an address gets: once, for minutes, and only for whom it was mailed to."""

from datetime import timedelta

import pytest

from notifier.db import Database, Rank
from notifier.subscriptions import access
from notifier.subscriptions.access import AccessOver, AccessState, Session, close_all, open_once
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.fence import Answer
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.tables import access as access_table
from notifier.subscriptions.tokens import Purpose, Signer
from tests.cast import BEGIN, MACHINE_NOW, SIGNER, Person, fence, follow, rows

HALF_AN_HOUR = timedelta(minutes=30)
A_SECOND = timedelta(seconds=1)


async def asked(db: Database, name: str = "Ada", *, after: timedelta = timedelta()) -> str:
    """Let somebody ask for a link. Return its text."""
    answer = await access.ask(db, address=f"{name}@example.org", fence=fence(machine_now=MACHINE_NOW + after))
    assert answer is Answer.QUEUED
    row = (await rows(db, access_table))[-1]
    return SIGNER.sign(Purpose.ACCESS, row["id"], row["nonce"])


async def opened(db: Database, text: str, *, after: timedelta = timedelta()) -> str:
    return await open_once(db, text=text, signer=SIGNER, machine_now=MACHINE_NOW + after)


async def state(db: Database, text: str, *, after: timedelta = timedelta()) -> AccessState:
    return await access.look(db, text=text, signer=SIGNER, machine_now=MACHINE_NOW + after)


async def enters(db: Database, text: str, *, after: timedelta = timedelta()) -> int:
    session = Session(text=text, signer=SIGNER, machine_now=MACHINE_NOW + after)
    async with db.read() as conn:
        return await session.enter(conn)


@pytest.fixture
async def ada(db: Database) -> Person:
    return await follow(db, "Ada")


async def test_the_link_opens_once_and_its_page_is_its_owners(db: Database, ada: Person) -> None:
    link = await asked(db)
    assert await state(db, link) is AccessState.GOOD
    assert await enters(db, await opened(db, link)) == ada.subscriber_id
    assert await state(db, link) is AccessState.USED
    with pytest.raises(AccessOver, match="used"):
        await opened(db, link)


@pytest.mark.usefixtures("ada")
async def test_looking_uses_nothing_up(db: Database) -> None:
    link = await asked(db)
    for _ in range(5):
        assert await state(db, link) is AccessState.GOOD
    await opened(db, link)


@pytest.mark.usefixtures("ada")
async def test_the_link_works_for_half_an_hour_of_real_time(db: Database) -> None:
    link = await asked(db)
    late = HALF_AN_HOUR + A_SECOND
    assert await state(db, link, after=HALF_AN_HOUR) is AccessState.GOOD
    assert await state(db, link, after=late) is AccessState.EXPIRED
    with pytest.raises(AccessOver, match="expired"):
        await opened(db, link, after=late)
    assert await state(db, link) is AccessState.GOOD, "a vain press must not use it up"


@pytest.mark.usefixtures("ada")
async def test_the_page_works_for_half_an_hour_from_its_opening(db: Database) -> None:
    session = await opened(db, await asked(db), after=HALF_AN_HOUR)
    assert await enters(db, session, after=2 * HALF_AN_HOUR)
    with pytest.raises(AccessOver, match="expired"):
        await enters(db, session, after=2 * HALF_AN_HOUR + A_SECOND)


@pytest.mark.usefixtures("ada")
async def test_a_link_is_no_session_and_a_session_no_link(db: Database) -> None:
    link = await asked(db)
    row = (await rows(db, access_table))[-1]
    session = SIGNER.sign(Purpose.SESSION, row["id"], row["nonce"])
    with pytest.raises(AccessOver, match="unknown"):
        await enters(db, session)
    assert await state(db, session) is AccessState.UNKNOWN
    with pytest.raises(AccessOver, match="unknown"):
        await enters(db, link)
    assert await opened(db, link) == session


@pytest.mark.usefixtures("ada")
async def test_tokens_that_are_not_ours_or_for_something_else_open_nothing(db: Database) -> None:
    good = await asked(db)
    row = (await rows(db, access_table))[-1]
    id_, nonce = row["id"], row["nonce"]
    wrong = [
        "",
        "hello",
        good[:-1],
        good + "a",
        "7" * 64,
        SIGNER.sign(Purpose.ACCESS, id_ + 1, nonce),
        SIGNER.sign(Purpose.ACCESS, id_, "another nonce"),
        Signer(b"another secret").sign(Purpose.ACCESS, id_, nonce),
        *(SIGNER.sign(purpose, id_, nonce) for purpose in Purpose if purpose is not Purpose.ACCESS),
    ]
    for text in wrong:
        assert await state(db, text) is AccessState.UNKNOWN, text
        with pytest.raises(AccessOver, match="unknown"):
            await opened(db, text)
    assert await state(db, good) is AccessState.GOOD


async def test_what_was_closed_or_whose_owner_was_erased_opens_nothing_more(
    db: Database, ada: Person
) -> None:
    waiting, session = await asked(db), await opened(db, await asked(db))
    async with db.write(Rank.WEB) as conn:
        await close_all(conn, ada.subscriber_id)
    assert await state(db, waiting) is AccessState.UNKNOWN
    with pytest.raises(AccessOver):
        await enters(db, session)
    again = await opened(db, await asked(db))
    assert await enters(db, again)
    async with db.write(Rank.WEB) as conn:
        await erase(conn, ada.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=BEGIN)
    with pytest.raises(AccessOver):
        await enters(db, again)
