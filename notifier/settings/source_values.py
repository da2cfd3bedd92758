"""The kinds of value that only a watched source has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, PlainSerializer, PlainValidator, SecretStr, StringConstraints

from notifier.settings.values import RefusedError, expected

_LONGEST_KEY = 4096
"""Bytes. A web server's limit for a header is twice this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A file that held an API key when the settings were read. Printing it shows no key."""

    path: Path
    key: SecretStr


def _source_url(value: str) -> str:
    parts = urlsplit(value)
    usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not usable or parts.fragment or "@" in parts.netloc or not all("!" <= each <= "~" for each in value):
        raise ValueError("no address")
    return value


def _key_file(value: object) -> KeyFile:
    """Read the key, so that a file that is not there is told at once and not at the first request."""
    if isinstance(value, KeyFile):
        return value
    if not isinstance(value, str) or not value.strip():
        raise RefusedError("must be the path of a file in quotes", repeat=True)
    path = Path(value)
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_KEY + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is no path"
    else:
        key = content.decode("utf-8", "replace").strip()
        if key and len(content) <= _LONGEST_KEY and all(" " <= each <= "~" for each in key):
            return KeyFile(path=path, key=SecretStr(key))
        reason = "it does not hold a key, which is one line of printable characters"
    # Raised out here so that nothing is chained to it: the file may hold a secret all the same.
    raise RefusedError(f"names a file that cannot be used: {reason}", repeat=True)


def _path_of(file: KeyFile) -> str:
    return str(file.path)


SourceName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$"),
    expected('a name of small letters, digits and hyphens, such as "nice-projects"'),
]
# What can be a reference is said by `notifier.sources.reference`, which stands on a higher floor.
ReferenceName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    expected('a reference such as "GID-IPG10158"'),
]
# Not repeated when refused: it may hold a password, and its query a key.
SourceUrl = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000),
    AfterValidator(_source_url),
    expected('a web address such as "https://example.org/schedule.json", without a username', repeat=False),
]
HeaderName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$"),
    expected('the name of a header such as "API-Key"'),
]
ApiKeyFile = Annotated[KeyFile, PlainValidator(_key_file), PlainSerializer(_path_of, return_type=str)]
