"""Each limit is the setting of the same meaning."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from notifier.settings import SignUp, Web
from notifier.web.limits import Limits, limits_of
from notifier.web.security import security_headers
from tests.web.web_cast import SERVICE


def test_each_limit_comes_from_its_own_setting() -> None:
    web = Web(
        hosts=("inside.example",),
        trusted_proxies=(ip_network("10.0.0.0/8"),),
        connections=1,
        connections_per_address=2,
        header_seconds=3,
        body_seconds=4,
        request_seconds=5,
        send_seconds=6,
        idle_seconds=7,
    )
    assert limits_of(web, SignUp(asks_per_network=8, answer_milliseconds=9)) == Limits(
        hosts=("inside.example",),
        trusted_proxies=(ip_network("10.0.0.0/8"),),
        connections=1,
        connections_per_address=2,
        header_seconds=3,
        body_seconds=4,
        request_seconds=5,
        send_seconds=6,
        idle_seconds=7,
        asks_per_network=8,
        answer_after=timedelta(milliseconds=9),
    )


@pytest.mark.parametrize(("url", "told"), [("https://alerts.example.org", True), ("http://localhost", False)])
def test_browsers_are_told_to_use_tls_only_where_the_service_does(url: str, told: bool) -> None:
    service = SERVICE.model_copy(update={"public_url": url})
    assert ("Strict-Transport-Security" in security_headers(service, replay=False)) is told
