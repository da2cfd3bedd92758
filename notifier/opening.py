"""The database that the settings name: an SQLite file, or PostgreSQL for any number of processes."""

from sqlalchemy import URL, make_url

from notifier.db import Database, name_of, sqlite_url
from notifier.settings import Database as DatabaseSettings


def database_of(at: DatabaseSettings) -> Database:
    """Return the database; nothing is asked of it yet, and no file made."""
    return Database(url_of(at), home=at.path)


def url_of(at: DatabaseSettings) -> URL:
    """Return where the database is. Whoever shows it must leave the password out, as its `repr` does."""
    return sqlite_url(at.path) if at.url is None else make_url(at.url.get_secret_value())


def is_made(at: DatabaseSettings) -> bool:
    """Whether there is something to open: SQLite would make an empty file, a server has what it has."""
    return at.url is not None or at.path.is_file()


def named(at: DatabaseSettings) -> str:
    """Return how a sentence names the database."""
    return name_of(url_of(at))
