"""Settings that hold several values, as the file or as a variable writes them."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from notifier.settings.values import HostName, MailAddress, expected


def _listed(value: object) -> object:
    """Take a list as the file writes it, or words between spaces and commas, as a variable holds them."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _network(value: object) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if not isinstance(value, str):
        raise ValueError(value)
    return ip_network(value)


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


HostNames = Annotated[
    tuple[HostName, ...],
    NoDecode,
    BeforeValidator(_listed),
    expected('a list of host names such as ["alerts.example.org"]', repeat=False),
]
Networks = Annotated[
    tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)], ...],
    NoDecode,
    BeforeValidator(_listed),
    expected('a list of IP addresses or networks such as ["10.0.0.5", "192.168.0.0/24"]', repeat=False),
]
MailAddresses = Annotated[
    tuple[MailAddress, ...],
    NoDecode,
    BeforeValidator(_listed),
    AfterValidator(_each_once),
    expected('a list of mail addresses such as ["a@example.org", "b@example.org"]', repeat=False),
]
