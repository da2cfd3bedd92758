"""What people can do about their own alerts, from the mail they hold to the mail they get next."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from notifier.demo.inbox import Mail
from tests.journeys.house import IP1783, STOP_LINK, House, open_house, ship_ip1783, subject

ADA, NEW = "ada@patients.example", "ada@elsewhere.example"
OPEN_LINK = re.compile(r"https?://\S+(/preferences/open/[a-z2-7]+)")
MOVE_LINK = re.compile(r"https?://\S+(/new-address/[a-z2-7]+)")
SESSION = re.compile(r'name="session" value="([a-z2-7]+)"')


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A service some days before IP1783's consultation; Ada follows it."""
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-01T09:00") as opened:
        await opened.sign_up(ADA, to=IP1783)
        yield opened


def told(house: House, address: str) -> list[str]:
    """Return how the subjects of somebody's alerts begin."""
    answers = ("Confirm", "Your link", "You already")
    mails = [mail for mail in house.inbox.mails if mail.recipient == address]
    return [subject(mail).partition(":")[0] for mail in mails if not subject(mail).startswith(answers)]


async def link_in(house: House, address: str, begins: str, link: re.Pattern[str]) -> str:
    """Return the link of the newest mail whose subject begins so, waiting for it."""
    found: list[Mail] = []
    for _ in range(200):
        found = [
            mail
            for mail in house.inbox.mails
            if mail.recipient == address and subject(mail).startswith(begins)
        ]
        if found:
            break
        await asyncio.sleep(0.05)
    match = link.search(found[-1].text)
    assert match is not None
    return match.group(1)


class Page:
    """Somebody's open page of preferences."""

    def __init__(self, house: House, page: str) -> None:
        self._house = house
        self.text = page

    async def press(self, do: str, **fields: str) -> str:
        session = SESSION.search(self.text)
        assert session is not None
        form = {"session": session[1], "do": do} | fields
        status, page = await self._house.post("/preferences/mine", **form)
        assert status == 200, page
        self.text = page if SESSION.search(page) else self.text
        return unescape(page)

    @property
    def rows(self) -> list[str]:
        return re.findall(r'name="id" value="(\d+)"', self.text)


async def opened(house: House, address: str = ADA) -> Page:
    """Ask for the link by form, and open it."""
    assert (await house.post("/preferences", address=address))[0] == 200
    return await opened_by_mail(house, address)


async def opened_by_mail(house: House, address: str = ADA) -> Page:
    link = await link_in(house, address, "Your link", OPEN_LINK)
    assert (await house.get(link))[0] == 200
    status, page = await house.post(link)
    assert status == 200
    return Page(house, page)


async def test_a_forwarded_alert_opens_everything_only_for_whom_it_was_sent_to(house: House) -> None:
    await house.replay(until="2022-10-15T00:00")
    stop = STOP_LINK.search(house.mails_to(ADA)[-1].text)
    assert stop is not None
    _, seen, _ = await house.get(stop.group(1))
    status, said = await house.post(stop.group(1), send="link")
    assert status == 200
    assert ADA not in seen.decode() + said
    page = await opened_by_mail(house)
    assert f"<strong>{ADA}</strong>" in page.text


async def test_who_chooses_openings_gets_no_reminders_any_more(house: House) -> None:
    await house.replay(until="2022-10-15T00:00")
    page = await opened(house)
    assert "Saved." in await page.press("change", id=page.rows[0], preset="openings", rhythm="at-once")
    await house.replay(until="2022-12-01T00:00")
    assert told(house, ADA) == ["Due to open today"]


async def test_without_reminders_all_else_goes_on(house: House) -> None:
    page = await opened(house)
    await page.press("reminders", reminders="no")
    await house.replay(until="2023-04-01T00:00")
    assert told(house, ADA) == ["Due to open today", "Guidance expected today", "Not seen published yet"]


async def test_a_sign_up_without_reminders_is_confirmed_and_kept_so(house: House) -> None:
    form = {"address": NEW, "to": IP1783, "preset": "deadlines", "rhythm": "usual", "reminders": "no"}
    assert (await house.post("/subscribe", **form))[0] == 200
    asked = await house.inbox.first_to(NEW)
    assert "What you will get: Deadlines and results, at once, without reminders." in " ".join(
        asked.text.split()
    )
    link = await link_in(house, NEW, "Confirm", re.compile(r"https?://\S+(/confirm/[a-z2-7]+)"))
    _, shown, _ = await house.get(link)
    assert "Deadlines and results, at once, without reminders" in shown.decode()
    assert (await house.post(link))[0] == 200
    await house.replay(until="2022-12-01T00:00")
    assert told(house, NEW) == ["Due to open today"]
    assert len(told(house, ADA)) == 3


async def test_a_stop_and_its_undoing_both_hold_for_the_next_date(house: House) -> None:
    await house.replay(until="2022-10-13T12:00")
    page = await opened(house)
    await page.press("stop-all")
    await house.replay(until="2022-10-14T12:00")
    assert told(house, ADA) == []
    await page.press("undo", id=page.rows[0])
    await house.replay(until="2022-10-15T07:30")
    assert told(house, ADA) == []
    await house.replay(until="2022-10-15T12:00")
    assert told(house, ADA) == ["Comment by 11 Nov"], "what was missed comes with the next daily mail"
    await house.replay(until="2022-12-01T00:00")
    assert told(house, ADA) == ["Comment by 11 Nov", "7 days left to comment", "Closes tomorrow, 11 Nov"]


async def test_alerts_move_to_the_address_that_confirms_it(house: House) -> None:
    page = await opened(house)
    await page.press("address", address=NEW)
    link = await link_in(house, NEW, "Confirm this address", MOVE_LINK)
    assert (await house.get(link))[0] == 200
    await house.replay(until="2022-10-15T00:00")
    assert (told(house, ADA), told(house, NEW)) == (["Due to open today"], [])
    assert (await house.post(link))[0] == 200
    await house.replay(until="2022-12-01T00:00")
    assert told(house, ADA) == ["Due to open today"]
    assert told(house, NEW) == ["7 days left to comment", "Closes tomorrow, 11 Nov"]


async def test_what_is_kept_can_be_taken_home_with_every_mail_that_was_sent(house: House) -> None:
    await house.replay(until="2022-10-15T00:00")
    page = await opened(house)
    kept = json.loads(await page.press("data"))
    assert kept["address"] == ADA
    [alert] = [mail for mail in kept["mails"] if not mail["about"][0].startswith("answer")]
    assert alert["about"][0].startswith("Comments scheduled for 14 October to 11 November 2022")
    assert (alert["state"], alert["server_said"][:3]) == ("accepted", "250")


async def test_who_is_erased_is_written_to_no_more_and_can_begin_anew(house: House) -> None:
    page = await opened(house)
    await page.press("erase")
    assert "Your address is deleted" in await page.press("erase", sure="yes")
    await house.replay(until="2022-10-15T00:00")
    assert told(house, ADA) == []
    before = len(house.inbox.mails)
    assert (await house.post("/preferences", address=ADA))[0] == 200
    await house.replay(until="2022-10-16T00:00")
    assert len(house.inbox.mails) == before
