"""Settings that hold several values, written as the file or as a variable writes them."""

from ipaddress import ip_network

import pytest


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ('[web]\nhosts = ["a.example", "b.example"]\ntrusted_proxies = ["10.0.0.0/8", "::1"]', {}),
        (
            None,
            {
                "NOTIFIER_WEB__HOSTS": "a.example, b.example",
                "NOTIFIER_WEB__TRUSTED_PROXIES": "10.0.0.0/8 ::1",
            },
        ),
    ],
)
def test_a_list_comes_from_the_file_or_from_words_in_a_variable(load, text, environ):
    web = load(text, environ).web
    assert web.hosts == ("a.example", "b.example")
    assert web.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('hosts = ["a b"]', "a list of host names such as"),
        ("hosts = [1]", "a list of host names such as"),
        ("hosts = 1", "a list of host names such as"),
        ('trusted_proxies = ["10.0.0.1/8"]', "a list of IP addresses or networks such as"),
        ('trusted_proxies = ["proxy.example"]', "a list of IP addresses or networks such as"),
        ("trusted_proxies = [10]", "a list of IP addresses or networks such as"),
    ],
)
def test_a_list_with_something_wrong_in_it_is_refused(problems, line, expected):
    (problem,) = problems(f"[web]\n{line}")
    assert problem.startswith(f'notifier.toml:2: "{line.partition(" ")[0]}" in [web] must be {expected}')
