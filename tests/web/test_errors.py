"""Errors as people and as programs get them, over a real socket."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from notifier.web.app import build
from notifier.web.keys import Site
from tests.web.reading import html
from tests.web.web_cast import PlainVitals


class TestErrors:
    async def test_programs_get_a_problem_document(self, client: TestClient) -> None:
        async with client.get("/nowhere", headers={"Accept": "application/json"}) as answer:
            assert answer.status == 404
            assert answer.content_type == "application/problem+json"
            problem = await answer.json(content_type=None)
        assert problem == {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no such page.",
        }

    async def test_people_get_a_page(self, client: TestClient) -> None:
        assert "There is no such page" in await html(client, "/nowhere", 404)

    async def test_a_wrong_method_is_told_the_right_ones(self, client: TestClient) -> None:
        async with client.delete("/subscribe") as answer:
            assert answer.status == 405
            assert answer.headers["Allow"] == "GET,HEAD,POST"

    @pytest.mark.parametrize("accept", ["text/html", "*/*"])
    async def test_an_accident_shows_nothing_of_itself(
        self, site: Site, vitals: PlainVitals, accept: str
    ) -> None:
        async def accident(_: web.Request) -> web.Response:
            raise RuntimeError("ada@example.org and a secret")

        app = build(site, vitals)
        app.router.add_get("/accident", accident)
        async with TestClient(TestServer(app)) as client:
            answer = await client.get("/accident", headers={"Accept": accept})
            text = await answer.text()
        assert answer.status == 500
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "secret" not in text
        assert "RuntimeError" not in text
        assert "Something went wrong on our side" in text
