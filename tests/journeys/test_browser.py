"""A real browser, as a person would use it: no JavaScript, a narrow telephone, the keyboard."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

from notifier.demo.inbox import Mail
from tests.journeys.house import CONFIRM_LINK, IP1783, STOP_LINK, House, open_house, ship_ip1783
from tests.journeys.test_preferences import OPEN_LINK

ADA = "ada@patients.example"
CHROMIUM = Path("/usr/bin/chromium")
PAGES = (
    "/",
    "/procedures",
    f"/procedures/{IP1783}",
    "/subscribe",
    f"/subscribe?to={IP1783}",
    "/preferences",
    "/privacy",
    "/accessibility",
    "/contact",
)

WITHOUT_A_NAME = """() => [...document.querySelectorAll("button, select, input:not([type=hidden])")]
    .filter(one => !(one.labels?.length || one.textContent.trim()))
    .map(one => one.outerHTML)"""
"""Controls that a screen reader could not name."""

TOO_SMALL = """() => [...document.querySelectorAll("button, select, summary, input:not([type=hidden])")]
    .filter(one => one.offsetParent && !one.closest(".trap"))
    .map(one => one.type === "radio" ? one.closest(".choice") : one)
    .filter(one => one.getBoundingClientRect().height < 43.5 || one.getBoundingClientRect().width < 43.5)
    .map(one => one.outerHTML)"""
"""Controls that a thumb would miss: below 44 px."""

DOUBLE_IDS = """() => [...document.querySelectorAll("[id]")].map(one => one.id)
    .filter((id, place, all) => all.indexOf(id) !== place)"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and "TESTS_NEED_BROWSER" not in os.environ,
    reason="needs /usr/bin/chromium (Debian package chromium)",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without the traffic it makes by itself."""
    async with async_playwright() as tool:
        started = await tool.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        await started.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A service in the middle of IP1783's consultation."""
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-01T09:00") as opened:
        await opened.replay(until="2022-10-20T12:00")
        yield opened


async def _page(browser: Browser, *, width: int = 1280) -> Page:
    context = await browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 900})
    return await context.new_page()


async def test_signing_up_and_stopping_work_without_javascript(house: House, browser: Browser) -> None:
    page = await _page(browser)
    await page.goto(f"{house.site}/procedures/{IP1783}")
    await page.get_by_role("main").get_by_role("link", name="Email").click()
    await page.get_by_label("email").fill("ada@patients.example")
    await page.get_by_role("button").last.click()
    assert "mail" in (await page.inner_text("h1")).lower()

    confirm = CONFIRM_LINK.search((await house.inbox.first_to("ada@patients.example")).text)
    assert confirm is not None
    await page.goto(house.site + confirm.group(1))
    await page.get_by_role("button").last.click()

    await house.replay(until="2022-11-04T12:00")
    (mail,) = house.mails_to("ada@patients.example")
    stop = STOP_LINK.search(mail.text)
    assert stop is not None
    await page.goto(house.site + stop.group(1))
    assert "ada@patients.example" not in await page.content()
    await page.get_by_role("button", name="Stop these alerts").click()
    await house.replay(until="2022-12-01T12:00")
    assert len(house.mails_to("ada@patients.example")) == 1


@pytest.mark.parametrize("width", [320, 1280])
async def test_no_page_needs_sideways_scrolling(house: House, browser: Browser, width: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 900})
    page = await context.new_page()
    for path in PAGES:
        await page.goto(house.site + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_every_page_has_one_heading_a_language_and_a_way_past_the_navigation(
    house: House, browser: Browser
) -> None:
    page = await _page(browser)
    for path in PAGES:
        await page.goto(house.site + path)
        assert await page.locator("h1").count() == 1, path
        assert await page.locator("html").get_attribute("lang") == "en-GB", path
        await page.keyboard.press("Tab")
        assert "skip" in (await page.locator(":focus").inner_text()).lower(), path


async def mails(house: House, address: str, number: int) -> list[Mail]:
    """Return what somebody got, once it is so many mails."""
    async with asyncio.timeout(10):
        while True:
            found = [mail for mail in house.inbox.mails if mail.recipient == address]
            if len(found) >= number:
                return found
            await asyncio.sleep(0.05)


async def _fits(page: Page, width: int) -> None:
    where = await page.title()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, where
    for trouble in (WITHOUT_A_NAME, TOO_SMALL, DOUBLE_IDS):
        assert await page.evaluate(trouble) == [], where
    assert await page.locator("h1").count() == 1, where


async def _follow(house: House, *wishes: tuple[str, str, str]) -> None:
    """Let Ada follow several things, each as she would sign up for it."""
    for number, (to, preset, rhythm) in enumerate(wishes, start=1):
        await house.post("/subscribe", address=ADA, to=to, preset=preset, rhythm=rhythm)
        links = [CONFIRM_LINK.search(mail.text) for mail in await mails(house, ADA, number)]
        assert links[-1] is not None
        assert (await house.post(links[-1].group(1)))[0] == 200


@pytest.mark.parametrize("width", [320, 1280])
async def test_everything_that_one_gets_can_be_changed_without_javascript(
    house: House, browser: Browser, width: int
) -> None:
    await _follow(house, (IP1783, "deadlines", "at-once"), ("process:ip", "every-step", "weekly"))
    page = await _page(browser, width=width)
    await page.goto(f"{house.site}/")
    await page.get_by_role("link", name="Change what you get").click()
    await page.get_by_label("email address").fill(ADA)
    await _fits(page, width)
    await page.get_by_role("button", name="Send me the link").click()
    await _fits(page, width)
    link = OPEN_LINK.search((await mails(house, ADA, 3))[-1].text)
    assert link is not None
    await page.goto(house.site + link.group(1))
    await _fits(page, width)
    await page.get_by_role("button", name="Open my alerts").click()
    await _fits(page, width)

    first = page.locator("section.card").first
    await first.get_by_label("How soon").select_option("daily")
    await first.get_by_label("Which alerts").select_option("openings")
    await first.get_by_role("button", name="Save").click()
    assert await page.get_by_role("status").inner_text() == "Saved."
    assert await first.get_by_label("How soon").input_value() == "daily"
    await page.get_by_role("button", name="Stop alerts about all topics of “IP”").click()
    await _fits(page, width)
    await page.get_by_role("button", name="Undo").click()
    assert await page.locator("section.card").count() == 2
    await page.get_by_role("button", name="Switch reminders off").click()
    async with page.expect_download() as kept:
        await page.get_by_role("button", name="Download my data").click()
    assert (await kept.value).suggested_filename == "my-alerts.json"
    await page.get_by_label("new email address").fill("nonsense@")
    await page.get_by_role("button", name="Erase everything").click()
    await _fits(page, width)
    await page.get_by_role("button", name="No, go back").click()
    await page.get_by_role("button", name="Erase everything").click()
    await page.get_by_role("button", name="Yes, erase everything").click()
    assert await page.inner_text("h1") == "Erased"
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        await page.go_back()  # the browser has kept no page to go back to


@pytest.mark.parametrize("width", [320, 1280])
async def test_an_alert_is_stopped_and_taken_up_again_on_one_page(
    house: House, browser: Browser, width: int
) -> None:
    await _follow(house, (IP1783, "deadlines", "at-once"))
    await house.replay(until="2022-11-04T12:00")
    stop = STOP_LINK.search(house.mails_to(ADA)[-1].text)
    assert stop is not None
    page = await _page(browser, width=width)
    await page.goto(house.site + stop.group(1))
    await _fits(page, width)
    await page.get_by_role("button", name="Stop these alerts").click()
    await _fits(page, width)
    await page.get_by_role("button", name="Undo").click()
    assert await page.inner_text("h1") == "Your alerts go on"
    await page.get_by_role("button", name="Send me a link").click()
    assert await page.inner_text("h1") == "Check your mail"
    assert ADA not in await page.content()


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_forms_have_names_and_room_for_a_thumb(house: House, browser: Browser, width: int) -> None:
    page = await _page(browser, width=width)
    for path in ("/subscribe", f"/subscribe?to={IP1783}", "/preferences"):
        await page.goto(house.site + path)
        await _fits(page, width)
