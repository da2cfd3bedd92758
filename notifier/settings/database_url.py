"""The address of a PostgreSQL database, refused in words that help and never repeat it: it is a secret."""

from importlib.util import find_spec
from typing import Annotated
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import AfterValidator, SecretStr

from notifier.settings.closest import closest
from notifier.settings.values import RefusedError, Secret

SCHEME = "postgresql+psycopg"
"""The one driver, because the engine of many processes can join its transactions."""

_AS_IN = f'as in "{SCHEME}://notifier:password@db.example.org/notifier"'
_LIBRARIES = ("psycopg", "procrastinate")
_OTHER_NAMES = ("postgres", "postgresql", "psql", "pgsql", "pg")


def _database_url(value: SecretStr) -> SecretStr:
    address = value.get_secret_value()
    if not all("!" <= each <= "~" for each in address):
        raise _refused("must have no spaces and only ASCII: write other characters as %20 and the like")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        parts = None
    if parts is None:
        words = 'has no port where one was looked for; write "/", "?", "#", "@" and ":" in a password as '
        raise _refused(f"{words}%2F, %3F, %23, %40 and %3A")
    _demand_psycopg(parts)
    if port == 0 or not (parts.hostname or _named_beside(parts)):
        raise _refused(f"must name the server, {_AS_IN}")
    if len(parts.path) < 2 or "/" in parts.path[1:]:
        raise _refused(f"must name the database after the server, {_AS_IN}")
    if parts.fragment:
        raise _refused('must have no "#": write one in a password as %23')
    if not all(find_spec(one) for one in _LIBRARIES):
        raise _refused('needs what is not installed here: docs/postgresql.md, "Setting it up", says how')
    return value


def _demand_psycopg(parts: SplitResult) -> None:
    kind = parts.scheme.partition("+")[0]
    if parts.scheme == SCHEME:
        return
    if kind == "sqlite":
        raise _refused('is for PostgreSQL; the place of an SQLite file is "path"')
    if kind in _OTHER_NAMES or closest(kind, ("postgresql",)):
        raise _refused(f'must begin with "{SCHEME}://"', meant=f"{SCHEME}://…")
    raise _refused(f"must be the address of a PostgreSQL database, {_AS_IN}")


def _named_beside(parts: SplitResult) -> bool:
    """Whether the server stands in the options, as the folder of its socket does (libpq, 34.1.1.2)."""
    return bool(parse_qs(parts.query).get("host"))


def _refused(words: str, *, meant: str | None = None) -> RefusedError:
    return RefusedError(words, repeat=False, meant=meant)


DatabaseUrl = Annotated[Secret, AfterValidator(_database_url)]
