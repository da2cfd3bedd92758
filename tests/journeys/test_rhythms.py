"""Four people follow the same things in their own rhythms; each hears everything once, when they chose to."""

from pathlib import Path

import pytest

from tests.journeys.house import IP1783, House, open_house, ship_ip1783, subject, told

START = "2022-10-10T06:00"
ANN, BEN, CAL, DAN = (f"{name}@patients.example" for name in ("ann", "ben", "cal", "dan"))


async def _everybody_signs_up(house: House) -> None:
    await house.sign_up(ANN, to=IP1783, preset="every-step", rhythm="at-once")
    await house.sign_up(BEN, to="all", preset="every-step", rhythm="daily")
    await house.sign_up(CAL, to="process:ip", preset="every-step", rhythm="weekly")


async def test_each_hears_all_of_a_consultation_once_in_the_rhythm_they_chose(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, START) as house:
        await _everybody_signs_up(house)
        await house.replay(until="2022-11-15T00:00")
        assert told(house.mails_to(ANN)) == (
            "Fri 14 Oct 09:00 Due to open today",
            "Fri 4 Nov 09:00 7 days left to comment",
            "Thu 10 Nov 09:00 Closes tomorrow, 11 Nov",
            "Fri 11 Nov 17:00 Comments closed",
        )
        assert told(house.mails_to(BEN)) == (
            "Fri 14 Oct 09:00 Due to open today",  # the news of nine is in the mail of nine
            "Fri 4 Nov 09:00 7 days left to comment",  # reminders come at once
            "Thu 10 Nov 09:00 Closes tomorrow, 11 Nov",
            "Sat 12 Nov 09:00 Comments closed",
        )
        assert told(house.mails_to(CAL)) == (
            "Mon 17 Oct 09:00 Comment by 11 Nov",
            "Fri 4 Nov 09:00 7 days left to comment",
            "Thu 10 Nov 09:00 Closes tomorrow, 11 Nov",
            "Mon 14 Nov 09:00 Comments closed",
        )


async def test_a_weekly_mail_says_what_is_open_and_what_comes_next(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, START) as house:
        await house.sign_up(CAL, to="process:ip", preset="every-step", rhythm="weekly")
        await house.replay(until="2022-10-18T00:00")
        [mail] = house.mails_to(CAL)
        assert "Your weekly alerts of Monday 17 October 2022." in mail.text
        assert "Open now" in mail.text
        assert "until Friday 11 November 2022" in mail.text
        assert "for weekly alerts about all topics of “IP”" in " ".join(mail.text.split())
        assert "Open now" in mail.html


@pytest.mark.parametrize("hour", ["2022-10-14T07:00", "2022-10-14T12:00"])
async def test_a_morning_without_the_service_is_made_up_for_once(tmp_path: Path, hour: str) -> None:
    """Down over nine (8am UTC), or up before it: one daily mail of that day all the same."""
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, START) as house:
        await house.sign_up(BEN, to="all", preset="every-step", rhythm="daily")
        inbox = house.inbox
        await house.replay(until="2022-10-13T12:00")
        taken = list(inbox.mails)
    async with open_house(tmp_path, hour) as again:
        await again.replay(until="2022-10-15T12:00")
        mails = [mail for mail in again.inbox.mails if mail not in taken]
        assert len(mails) == 1
        assert subject(mails[0]).startswith(("Due to open today", "Late: comment by"))
