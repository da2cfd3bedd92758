"""Mails in a real browser: readable on a narrow telephone, light and dark, in any language."""

import os
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.events.every_mail import every_mail
from tests.events.mail_reader import body, read
from tests.events.pseudo_language import PSEUDO, pseudo_languages

CHROMIUM = Path("/usr/bin/chromium")
NARROW = 320

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and "TESTS_NEED_BROWSER" not in os.environ,
    reason="needs /usr/bin/chromium (Debian package chromium)",
)

# Contrast as WCAG counts it, of every piece of text with the background it stands on.
_FAINTEST = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let faintest = 21;
  while (texts.nextNode()) {
    if (!texts.currentNode.data.trim()) continue;
    const node = texts.currentNode.parentElement;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))];
    faintest = Math.min(faintest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return faintest;
}"""


async def test_every_kind_of_mail_is_readable_on_a_narrow_screen_light_and_dark(tmp_path: Path) -> None:
    mails = list(every_mail())[::9]
    with pseudo_languages(tmp_path).speaking(PSEUDO):
        mails += list(every_mail())[::9]
    async with async_playwright() as tool:
        browser = await tool.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        for scheme in ("light", "dark"):
            page = await browser.new_page(viewport={"width": NARROW, "height": 640}, color_scheme=scheme)
            for name, content in mails:
                await page.set_content(body(read(content), "html"))
                assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW, name
                assert await page.evaluate(_FAINTEST) >= 4.5, (name, scheme)
        await browser.close()
