"""IP1783's published schedule, replayed: every stage in both feeds, the calendar and the inbox, once each."""

import re
from collections import Counter
from pathlib import Path

import feedparser
import icalendar

from tests.journeys.house import IP1783, STOP_LINK, House, open_house, ship_ip1783, subject

ADA, BEN, CAT, DAN = "ada@patients.example", "ben@charity.example", "cat@press.example", "dan@stopped.example"

STAGES = [
    "IPAC 1 listed for 8 September 2022",
    "Comments scheduled for 14 October to 11 November 2022",
    "Comments close on 11 November 2022 (first reminder)",
    "Comments close on 11 November 2022 (last reminder)",
    "Comments closed on 11 November 2022",
    "IPAC 2 listed for 12 January 2023",
    "Guidance expected on 29 March 2023",
    "Not seen published yet, expected on 29 March 2023",
]


async def test_each_stage_is_told_once_in_feeds_calendar_and_mail(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-01T09:00") as house:
        await house.sign_up(ADA, to=IP1783, preset="every-step")
        await house.sign_up(BEN, to="all", preset="deadlines")
        await house.sign_up(CAT, to=IP1783, preset="openings")
        await house.sign_up(DAN, to="all", preset="every-step")
        await house.post("/subscribe", address="eve@never.example", to=IP1783, preset="every-step")

        await house.replay(until="2022-10-20T00:00")
        await _dan_stops(house)
        await house.replay(until="2023-04-01T00:00")

        await _feeds_tell_every_stage(house)
        await _the_calendar_holds_every_date(house)
        _each_person_got_what_they_chose(house)


async def _dan_stops(house: House) -> None:
    mails = house.mails_to(DAN)
    assert [subject(mail).partition(":")[0] for mail in mails] == [
        "IPAC 1 listed for today",
        "Due to open today",
    ]
    link = STOP_LINK.search(mails[-1].text)
    assert link is not None
    assert (await house.get(link.group(1)))[0] == 200
    assert len(house.mails_to(DAN)) == 2
    status, _ = await house.post(link.group(1), **{"List-Unsubscribe": "One-Click"})
    assert status == 200


async def _feeds_tell_every_stage(house: House) -> None:
    for path in (f"/feeds/{IP1783}.atom", f"/feeds/{IP1783}.rss", "/feeds/all.atom", "/feeds/all.rss"):
        status, body, _ = await house.get(path)
        assert status == 200
        feed = feedparser.parse(body)
        assert not feed.bozo
        titles = [entry.title for entry in reversed(feed.entries)]
        assert [title.partition(":")[0] for title in titles] == STAGES
        assert all("(IP1783)" in title for title in titles)
        assert len({entry.id for entry in feed.entries}) == len(STAGES)
        assert all(entry.id.startswith("tag:alerts.example,") for entry in feed.entries)


async def _the_calendar_holds_every_date(house: House) -> None:
    status, body, _ = await house.get(f"/calendar/{IP1783}.ics")
    assert status == 200
    calendar = icalendar.Calendar.from_ical(body)
    days = sorted(str(entry.decoded("DTSTART"))[:10] for entry in calendar.walk("VEVENT"))
    assert days == ["2022-09-08", "2022-10-14", "2022-11-11", "2023-01-12", "2023-03-29"]


def _each_person_got_what_they_chose(house: House) -> None:
    def leads(address: str) -> list[str]:
        return [re.split(r"[:,]", subject(mail))[0] for mail in house.mails_to(address)]

    assert leads(ADA) == [
        "IPAC 1 listed for today",
        "Due to open today",
        "7 days left to comment",
        "Closes tomorrow",
        "Comments closed",
        "IPAC 2 listed for today",
        "Guidance expected today",
        "Not seen published yet",
    ]
    assert leads(BEN) == [
        "Due to open today",
        "7 days left to comment",
        "Closes tomorrow",
        "Guidance expected today",
        "Not seen published yet",
    ]
    assert leads(CAT) == ["Due to open today"]
    assert len(leads(DAN)) == 2
    assert house.mails_to("eve@never.example") == []
    ids = Counter(str(mail.message["Message-ID"]) for mail in house.inbox.mails)
    assert set(ids.values()) == {1}
