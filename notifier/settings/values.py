"""The kinds of value that a setting can have. Each says what it expects to whoever typed something else."""

from collections.abc import Callable, Iterable
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import holidays
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from notifier.settings.closest import closest
from notifier.settings.public_holidays import public_holidays


class RefusedError(ValueError):
    """A value that a setting cannot have: `words` say why, as the end of a sentence about the setting."""

    def __init__(
        self, words: str, *, repeat: bool, meant: str | None = None, inside: tuple[str, ...] = ()
    ) -> None:
        super().__init__(words)
        self.words = words
        self.repeat = repeat
        """Whether the value may and should be repeated to whoever gave it."""
        self.meant = meant
        """The value that was probably meant."""
        self.inside = inside
        """Which part of the value it is about, from the outside in; empty: the whole value."""


def expected(
    words: str, *, options: Callable[[], Iterable[str]] = tuple[str, ...], repeat: bool = True
) -> WrapValidator:
    """Make every refusal of a value one error that says `words`, and which of the `options` was meant."""

    def check(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValueError:
            meant = closest(value, options()) if isinstance(value, str) else None
        # Raised out here so that nothing is chained to it: pydantic's own error holds the value.
        raise RefusedError(f"must be {words}", repeat=repeat, meant=meant)

    return WrapValidator(check)


def one_of(kind: type[StrEnum]) -> WrapValidator:
    """Expect one of the values of `kind`."""
    return expected("one of " + ", ".join(f'"{value}"' for value in kind), options=lambda: kind)


def _places_with_holidays() -> Iterable[str]:
    for country, parts in holidays.list_supported_countries().items():
        yield country
        yield from (f"{country}-{part}" for part in parts)


def _known_place(code: str) -> str:
    public_holidays(code)
    return code


def _known_zone(key: str) -> str:
    try:
        ZoneInfo(key)
    except (KeyError, OSError) as error:  # OSError: the key names a folder of the zone database
        raise ValueError(key) from error
    return key


def _time_of_day(value: object) -> time:
    """Refuse bare numbers: 9 would otherwise be nine seconds past midnight."""
    moment = time.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, time) or moment.tzinfo is not None:
        raise ValueError(value)
    return moment


def _not_true_or_false(value: object) -> object:
    """Refuse truth values, with the only error that pydantic takes for one: `true` would otherwise be 1."""
    if isinstance(value, bool):
        raise ValueError(value)
    return value


def _not_blank(value: object) -> object:
    """Refuse a blank path: it would otherwise be the current directory."""
    if isinstance(value, str) and not value.strip():
        raise ValueError(value)
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not usable or parts.query or parts.fragment or "@" in parts.netloc or not value.isascii():
        raise ValueError(value)
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    shown = value.get_secret_value()
    if len(shown) < 16 or not all("!" <= each <= "~" for each in shown):
        raise ValueError("no token")
    return value


def _called_address(value: SecretStr) -> SecretStr:
    address = value.get_secret_value()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("no address")
    if parts.fragment or not all("!" <= each <= "~" for each in address):
        raise ValueError("no address")
    return value


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\p{Cc}\p{Zl}\p{Zp}]+$"),
    expected("some text on one line"),
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    expected("some text"),
]
Secret = Annotated[SecretStr, Field(min_length=1), expected("some text in quotes", repeat=False)]
# A header carries it (RFC 6750), so it is printable ASCII without spaces.
Token = Annotated[
    SecretStr,
    AfterValidator(_token),
    expected("at least 16 printable characters in quotes, without spaces", repeat=False),
]
# Secret, because whoever knows such an address can call it in our name.
CalledAddress = Annotated[
    SecretStr,
    AfterValidator(_called_address),
    expected('a web address such as "https://example.org/ping", http or https', repeat=False),
]
HostName = Annotated[str, StringConstraints(pattern=r"^[^\s/@]+$"), expected("a host name or an IP address")]
# Not repeated when refused: it may hold a password.
WebAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^\S+$"),
    AfterValidator(_web_address),
    expected('a web address such as "https://alerts.example.org"', repeat=False),
]
# Only ASCII, so that no mail needs SMTPUTF8 for our own address (RFC 6531): a dot-atom (RFC 5322 §3.2.3) and
# a host name. Domains such as "localhost" and "office.local" are good enough for a relay within the house.
MailAddress = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+(\.[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$",
    ),
    expected('a mail address such as "alerts@example.org"'),
]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day), expected('a time of day such as "09:00"')]
ZoneName = Annotated[
    str,
    AfterValidator(_known_zone),
    expected('a time zone such as "Europe/London"', options=available_timezones),
]
HolidayPlace = Annotated[
    str,
    AfterValidator(_known_place),
    expected(
        'a country or a part of one whose public holidays are known, such as "IE" or "GB-ENG"',
        options=_places_with_holidays,
    ),
]
Location = Annotated[Path, BeforeValidator(_not_blank), expected("a path in quotes")]
Port = Annotated[
    int,
    Field(ge=1, le=65_535),
    BeforeValidator(_not_true_or_false),
    expected("a port number from 1 to 65535"),
]
PortOrNone = Annotated[
    int,
    Field(ge=0, le=65_535),
    BeforeValidator(_not_true_or_false),
    expected("a port number from 1 to 65535, or 0 for none"),
]
PortOrAny = Annotated[
    int,
    Field(ge=0, le=65_535),
    BeforeValidator(_not_true_or_false),
    expected("a port number from 1 to 65535, or 0 for any free one"),
]
Flag = Annotated[bool, expected("true or false")]
Count = Annotated[
    int,
    Field(ge=1, le=1_000_000),
    BeforeValidator(_not_true_or_false),
    expected("a whole number from 1 to 1000000"),
]
CountOrNone = Annotated[
    int,
    Field(ge=0, le=1_000_000),
    BeforeValidator(_not_true_or_false),
    expected("a whole number from 0 to 1000000"),
]
