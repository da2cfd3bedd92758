"""The page of one procedure as a browser gets it, over a real socket."""

import re
from dataclasses import replace
from datetime import date

import pytest
from aiohttp.test_utils import TestClient

from notifier.db import Database
from notifier.procedures.model import Dates, MilestoneKind, Precision, Status
from tests.web.reading import html, words
from tests.web.web_cast import NOW, StillClock, ip1783, speak, step, take


@pytest.mark.usefixtures("seeded")
class TestTopicPage:
    async def test_answers_first_whether_something_can_be_done_now(self, client: TestClient) -> None:
        page = await html(client, "/procedures/GID-IPG10158")
        said = words(page.split("<h1>")[1])
        assert said.index("Can I do something now?") < said.index("Follow this topic")
        assert (
            "Probably. Comments are scheduled to be open until Friday 11 November 2022 (NICE usually closes "
            "at 5pm); we have not seen the consultation itself. 28 days left" in said
        )

    async def test_says_yes_once_the_source_shows_the_consultation(
        self, client: TestClient, db: Database
    ) -> None:
        await take(db, ip1783(seen_open=True), now=NOW)
        said = words(await html(client, "/procedures/GID-IPG10158"))
        assert "Yes. You can comment until Friday 11 November 2022" in said

    async def test_says_not_yet_before_the_hour_of_the_opening(
        self, client: TestClient, clock: StillClock
    ) -> None:
        clock.instant = NOW.replace(hour=7, minute=59)
        said = words(await html(client, "/procedures/GID-IPG10158"))
        assert (
            "Not yet. Comments are scheduled to open on Friday 14 October 2022, and to close on "
            "Friday 11 November 2022." in said
        )

    async def test_says_no_after_the_close_and_what_comes_next(
        self, client: TestClient, clock: StillClock
    ) -> None:
        clock.instant = NOW.replace(month=11, day=12)
        said = words(await html(client, "/procedures/GID-IPG10158"))
        assert "No. The time to comment ended on Friday 11 November 2022." in said
        assert "Next: IPAC 2, scheduled for Thursday 12 January 2023." in said

    async def test_gives_dates_as_a_table_and_as_a_picture_with_the_same_words(
        self, client: TestClient
    ) -> None:
        page = await html(client, "/procedures/GID-IPG10158")
        assert '<th scope="row">IPAC 2</th>' in page
        assert '<time datetime="2023-01-12">Thursday 12 January 2023</time>' in page
        label = re.search(r'role="img" aria-label="([^"]*)"', page)
        assert label is not None
        assert label[1].startswith("Timeline from September 2022 to March 2023: IPAC 1, 8 September 2022; ")
        assert 'class="bar" x="20.28%" y="3" width="13.68%"' in page

    async def test_gives_every_fact_with_its_source(self, client: TestClient) -> None:
        said = words(await html(client, "/procedures/GID-IPG10158"))
        for fact in (
            "Status In progress",
            "Decision Selected",
            "Process IP",
            "Technology type Procedure",
            "ID number 1783",
            "References GID-IPG10158, IPG749",
            "Referral date 30 November 2021",
            "Enquiries ip@example.org",
            "Heat destroys tumour tissue. Described by NICE.",
            "Read from NICE's page today at 8:55am.",
            "come from NICE's website, read at 8:55am on 14 October 2022.",
        ):
            assert fact in said

    async def test_says_who_entered_dates_that_no_page_was_read_for(self, client: TestClient) -> None:
        said = words(await html(client, "/procedures/GID-TA20001"))
        assert "As entered by Example Charity." in said

    async def test_shows_dates_of_a_suspended_topic_as_not_counting(self, client: TestClient) -> None:
        said = words(await html(client, "/procedures/GID-MT550"))
        assert "No. NICE has suspended work on this topic, so its published dates do not count." in said
        assert "Monday 3 to Friday 28 October 2022 Does not count for now" in said

    @pytest.mark.parametrize(
        ("status", "written", "sentence"),
        [
            (Status.DISCONTINUED, "Discontinued", "NICE has discontinued work on this topic"),
            (Status.COMPLETE, "Complete", "NICE lists its work on this topic as complete."),
            (Status.UNKNOWN, "Paused", "NICE gives its status as “Paused”, so its dates do not count"),
            (Status.UNKNOWN, None, "We do not know the status of this topic"),
        ],
    )
    async def test_a_status_that_does_not_run_is_the_answer(
        self, client: TestClient, db: Database, status: Status, written: str | None, sentence: str
    ) -> None:
        facts = replace(ip1783().facts, status=status, status_as_written=written)
        await take(db, replace(ip1783(), reference="GID-S1", facts=facts))
        assert sentence in words(await html(client, "/procedures/GID-S1"))

    async def test_dates_of_a_complete_topic_are_history(self, client: TestClient, db: Database) -> None:
        facts = replace(ip1783().facts, status=Status.COMPLETE, status_as_written="Complete")
        await take(db, replace(ip1783(), reference="GID-C1", facts=facts))
        page = await html(client, "/procedures/GID-C1")
        said = words(page)
        assert "NICE lists its work on this topic as complete; these dates are history." in said
        assert "IPAC 1 Thursday 8 September 2022 Past" in said
        assert "Expected publication Wednesday 29 March 2023 No longer counts" in said
        assert re.search(r'<tr class="over">\s*<th scope="row">IPAC 1<', page)
        assert re.search(r'<tr class="gone">\s*<th scope="row">Expected publication<', page)

    async def test_shows_what_changed_with_old_new_and_when(self, client: TestClient) -> None:
        changed = words(await html(client, "/procedures/GID-TA20001")).split("What changed")[1]
        assert "Date moved Expected publication: was 16 November 2022 → now 11 January 2023" in changed
        assert "Listed here with 2 dates Seen on 1 September 2022" in changed

    async def test_a_day_that_is_none_is_shown_as_the_source_gives_it(
        self, client: TestClient, db: Database
    ) -> None:
        said = words(await html(client, "/procedures/GID-TA20001"))
        assert "Draft guidance Not set (given as “TBC”) No day yet" in said
        said = words(await html(client, "/procedures/GID-NG30001"))
        assert "June 2023, day not set No day yet" in said

    async def test_a_passed_publication_is_not_said_to_be_published(
        self, client: TestClient, clock: StillClock
    ) -> None:
        clock.instant = NOW.replace(year=2023, month=4, day=2)
        said = words(await html(client, "/procedures/GID-IPG10158"))
        assert "Wednesday 29 March 2023 Date passed, not seen published" in said

    async def test_offers_mail_calendar_and_feed(self, client: TestClient) -> None:
        page = await html(client, "/procedures/GID-IPG10158")
        for path in (
            "/subscribe?to=GID-IPG10158",
            "/calendar/GID-IPG10158.ics",
            "/feeds/GID-IPG10158.atom",
            "/feeds/GID-IPG10158.rss",
        ):
            assert f'href="{path}"' in page
            assert (await client.get(path)).status == 200

    @pytest.mark.parametrize("spelling", ["gid-ipg10158", "IPG749", "ipg749"])
    async def test_any_other_spelling_leads_to_the_one_address(
        self, client: TestClient, spelling: str
    ) -> None:
        async with client.get(f"/procedures/{spelling}", allow_redirects=False) as answer:
            assert answer.status == 301
            assert answer.headers["Location"] == "/procedures/GID-IPG10158"

    async def test_what_a_source_writes_is_never_markup(self, client: TestClient) -> None:
        for path in ("/", "/procedures", "/procedures/GID-X1", "/subscribe?to=GID-X1"):
            page = await html(client, path)
            assert "<script>" not in page
            assert "&lt;script&gt;alert(" in page
            assert "<b>Step" not in page
        assert 'href="javascript:' not in page
        assert 'href="mailto:&lt;' not in await html(client, "/procedures/GID-X1")

    @pytest.mark.parametrize("odd", ["%07", "%7F", "..%2F..", "a" * 3000])
    async def test_an_odd_reference_is_simply_not_there(self, client: TestClient, odd: str) -> None:
        assert (await client.get(f"/procedures/{odd}")).status == 404


@pytest.mark.usefixtures("seeded")
async def test_a_removed_date_stays_in_the_table_as_removed(client: TestClient, db: Database) -> None:
    shorter = replace(ip1783(), milestones=ip1783().milestones[:3])
    await take(db, shorter, now=NOW)
    await speak(db, NOW)
    said = words(await html(client, "/procedures/GID-IPG10158"))
    assert "Expected publication Wednesday 29 March 2023 Removed from the schedule" in said
    assert "Date removed Expected publication: was 29 March 2023 → now removed" in said


async def test_a_held_date_is_said_to_be_checked(client: TestClient, db: Database) -> None:
    held = [replace(one, held=True) for one in ip1783().milestones]
    await take(db, replace(ip1783(), milestones=tuple(held)))
    said = words(await html(client, "/procedures/GID-IPG10158"))
    assert "Perhaps. Comments are listed until Friday 11 November 2022" in said
    assert "Thursday 12 January 2023 We are checking this date" in said


async def test_a_month_to_come_is_expected_and_one_that_is_over_is_not(
    client: TestClient, db: Database, clock: StillClock
) -> None:
    month = Dates(start=date(2023, 3, 1), precision=Precision.MONTH)
    consultation = step("Consultation", MilestoneKind.CONSULTATION, month)
    await take(db, replace(ip1783(), milestones=(consultation,)))
    said = words(await html(client, "/procedures/GID-IPG10158"))
    assert "Not yet. Comments are expected in March 2023, day not set." in said
    clock.instant = NOW.replace(year=2023, month=4, day=1)
    assert "No time to comment is listed" in words(await html(client, "/procedures/GID-IPG10158"))
