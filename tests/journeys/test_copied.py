"""A service that grows out of its SQLite file: over both of its lives everybody is told everything once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import URL, text
from typer.testing import CliRunner

from notifier.cli.main import app
from notifier.db import Rank
from notifier.demo.inbox import Inbox
from notifier.instance import InstanceError
from tests.journeys.house import IP1783, STOP_LINK, House, open_house, ship_ip1783, told
from tests.postgresql import new_database

ANN, BEN, CAL, DAN, EVE = (f"{name}@patients.example" for name in ("ann", "ben", "cal", "dan", "eve"))
FEEDS = (
    "/feeds/all.atom",
    "/feeds/all.rss",
    f"/feeds/{IP1783}.atom",
    f"/feeds/{IP1783}.rss",
    "/calendar/all.ics",
)
IN_BETWEEN = "2022-10-14T08:01"
AT_ONCE = (
    "Fri 14 Oct 09:00 Due to open today",
    "Fri 4 Nov 09:00 7 days left to comment",
    "Thu 10 Nov 09:00 Closes tomorrow, 11 Nov",
    "Fri 11 Nov 17:00 Comments closed",
)


class PickyInbox(Inbox):
    """A mail server that does not take mail for some people now."""

    def __init__(self) -> None:
        super().__init__()
        self.not_now: Sequence[str] = ()

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or not now."""
        if address in self.not_now:
            return "451 4.7.1 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"


@pytest.fixture
async def inbox() -> AsyncIterator[PickyInbox]:
    """The mail server, which outlives both."""
    found = PickyInbox()
    await found.start()
    yield found
    await found.stop()


async def test_everybody_is_told_once_over_both_lives(
    inbox: PickyInbox, tmp_path: Path, postgresql_server: URL
) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-10-10T06:00", inbox=inbox) as house:
        for who in (ANN, DAN, EVE):
            await house.sign_up(who, to=IP1783, preset="every-step")
        await house.sign_up(BEN, to="all", preset="every-step", rhythm="daily")
        await house.sign_up(CAL, to="process:ip", preset="every-step", rhythm="weekly")
        await house.replay(until="2022-10-14T07:59:59")
        inbox.not_now = (DAN,)
        for who in (ANN, BEN, EVE):
            await _has_one(house, who)
        feeds = await _feeds(house)
        assert [len(house.mails_to(who)) for who in (ANN, BEN, CAL, DAN, EVE)] == [1, 1, 0, 0, 1]
    inbox.not_now = ()
    async with new_database(postgresql_server) as url:
        assert "are the same in" in await asyncio.to_thread(_copy, tmp_path, url)
        with pytest.raises(InstanceError, match="everybody would be told twice"):
            async with open_house(tmp_path, IN_BETWEEN, inbox=inbox):
                pass
        async with open_house(tmp_path, IN_BETWEEN, inbox=inbox, database_url=url) as house:
            assert await _feeds(house) == feeds
            await _stop_by_the_first_mail(house, EVE)
            await _retry_now(house)
            await house.replay(until="2022-11-15T00:00")
            assert told(house.mails_to(ANN)) == AT_ONCE
            assert told(house.mails_to(BEN)) == (*AT_ONCE[:3], "Sat 12 Nov 09:00 Comments closed")
            assert told(house.mails_to(CAL)) == (
                "Mon 17 Oct 09:00 Comment by 11 Nov",
                *AT_ONCE[1:3],
                "Mon 14 Nov 09:00 Comments closed",
            )
            assert told(house.mails_to(DAN)) == ("Fri 14 Oct 09:01 Due to open today", *AT_ONCE[1:])
            assert told(house.mails_to(EVE)) == AT_ONCE[:1]


async def _has_one(house: House, who: str) -> None:
    async with asyncio.timeout(30):
        while not house.mails_to(who):  # noqa: ASYNC110 - the mail server tells of the first mail alone
            await asyncio.sleep(0.05)


async def _feeds(house: House) -> list[bytes]:
    found = [await house.get(path) for path in FEEDS]
    assert {status for status, _, _ in found} == {200}
    return [body for _, body, _ in found]


async def _stop_by_the_first_mail(house: House, who: str) -> None:
    link = STOP_LINK.search(house.mails_to(who)[0].text)
    assert link is not None
    assert (await house.get(link.group(1)))[0] == 200
    assert (await house.post(link.group(1), **{"List-Unsubscribe": "One-Click"}))[0] == 200


async def _retry_now(house: House) -> None:
    """Let the minute be over after which a mail is tried again."""
    async with house.notifier.db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE delivery SET next_at = now() WHERE state = 'pending'"))
    house.notifier.deliverer.ring()


def _copy(home: Path, url: URL) -> str:
    environment = {
        "NOTIFIER_DATABASE__PATH": str(home / "notifier.db"),
        "NOTIFIER_DATABASE__URL": url.render_as_string(hide_password=False),
    }
    result = CliRunner().invoke(app, ["copy-database"], env=environment)
    assert result.exit_code == 0, result.output
    return result.output
