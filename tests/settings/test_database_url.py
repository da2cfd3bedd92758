"""The address of a PostgreSQL database: what is wrong with one is said without the password in it."""

import sys

import pytest

SUCH = 'as in "postgresql+psycopg://notifier:password@db.example.org/notifier"'
MEANT = 'must begin with "postgresql+psycopg://"; did you mean "postgresql+psycopg://…"?'
NO_PORT = (
    'has no port where one was looked for; write "/", "?", "#", "@" and ":" in a password as '
    "%2F, %3F, %23, %40 and %3A"
)


class NothingElse:
    """A finder of modules that finds none: what is not loaded yet is as good as not installed."""

    def find_spec(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://notifier:s3cret@db.example.org/notifier",
        "postgresql+psycopg://notifier:s3cret%2Fwith%40@db.example.org:5433/notifier?sslmode=require",
        "postgresql+psycopg://notifier@[::1]/notifier",
        "postgresql+psycopg:///notifier?host=/run/postgresql",
    ],
)
def test_an_address_of_postgresql_is_taken_as_it_is(load, url):
    settings = load(secrets={"database__url": url})
    assert settings.database.url.get_secret_value() == url
    assert "s3cret" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:s3cret@db/notifier", MEANT),
        ("postgres://u:s3cret@db/notifier", MEANT),
        ("postgresql+asyncpg://u:s3cret@db/notifier", MEANT),
        ("postgresql+psycopg2://u:s3cret@db/notifier", MEANT),
        ("postgersql://u:s3cret@db/notifier", MEANT),
        ("sqlite:///s3cret.db", 'is for PostgreSQL; the place of an SQLite file is "path"'),
        ("mysql://u:s3cret@db/notifier", f"must be the address of a PostgreSQL database, {SUCH}"),
        ("s3cret", f"must be the address of a PostgreSQL database, {SUCH}"),
        ("postgresql+psycopg://u:s3cret@db", f"must name the database after the server, {SUCH}"),
        ("postgresql+psycopg://u:s3cret@db/", f"must name the database after the server, {SUCH}"),
        ("postgresql+psycopg://u:s3cret@db/a/b", f"must name the database after the server, {SUCH}"),
        ("postgresql+psycopg:///s3cret", f"must name the server, {SUCH}"),
        ("postgresql+psycopg://u:s3/cret@db/notifier", NO_PORT),
        ("postgresql+psycopg://u:s3cret@db:x/notifier", NO_PORT),
        ("postgresql+psycopg://u:s3cret@db/a#b", 'must have no "#": write one in a password as %23'),
        (
            "postgresql+psycopg://u:s3cret @db/notifier",
            "must have no spaces and only ASCII: write other characters as %20 and the like",
        ),
    ],
)
def test_any_other_address_is_refused_with_what_was_probably_meant(problems, url, words):
    assert problems(f'[database]\nurl = "{url}"') == [f'notifier.toml:2: "url" in [database] {words}']


def test_a_refused_address_is_not_repeated_from_the_environment_either(problems):
    [told] = problems(environ={"NOTIFIER_DATABASE__URL": "postgres://u:s3cret@db/notifier"})
    assert told == f"environment: NOTIFIER_DATABASE__URL {MEANT}"


def test_an_address_is_of_no_use_without_the_libraries_for_it(problems, monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [NothingElse()])
    for name in [one for one in sys.modules if one.partition(".")[0] in ("psycopg", "procrastinate")]:
        monkeypatch.delitem(sys.modules, name)
    [told] = problems('[database]\nurl = "postgresql+psycopg://u:s3cret@db/notifier"')
    needed = 'needs what is not installed here: docs/postgresql.md, "Setting it up", says how'
    assert told == f'notifier.toml:2: "url" in [database] {needed}'
