"""A real browser, as a person would use it: no JavaScript, a narrow telephone, the keyboard."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.journeys.house import CONFIRM_LINK, IP1783, STOP_LINK, House, open_house, ship_ip1783

CHROMIUM = Path("/usr/bin/chromium")
PAGES = ("/", "/procedures", f"/procedures/{IP1783}", "/subscribe", "/privacy", "/accessibility", "/contact")

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
    await page.get_by_role("link", name="Email").first.click()
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
    await page.get_by_role("button").last.click()
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
