"""How a browser asks for a page, and how a person reads it."""

import re
from html import unescape

from aiohttp.test_utils import TestClient

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def html(client: TestClient, path: str, status: int = 200) -> str:
    async with client.get(path, headers=PAGE) as answer:
        assert answer.status == status, path
        assert answer.content_type == "text/html"
        return await answer.text()


def words(page: str) -> str:
    """The text of a page as it is read, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())
