"""The sources that are watched, and how; and which staff is told."""

import traceback
from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from notifier.settings import (
    SettingsError,
    Shape,
    SourceSettings,
    Unreadable,
    Watching,
    for_serving,
)
from notifier.sources.reference import is_reference

WEB = '[[sources]]\nname = "web"\nurl = "https://example.org/a?b=c"\n'
FOLDER = '[[sources]]\nname = "files"\nfolder = "in"\n'
MAIL = '[mail]\nsender = "a@example.org"\nreply_to = "b@example.org"\n'


def test_nothing_is_watched_and_nobody_is_written_to_unless_it_is_said(load):
    settings = load()
    assert settings.sources == ()
    assert settings.watching == Watching()
    assert (settings.staff.addresses, settings.staff.letter_at, settings.staff.receipts) == (
        (),
        time(15),
        True,
    )


def test_sources_are_read_in_their_order(load):
    web, folder = load(WEB + "[web]\nport = 1\n" + FOLDER).sources
    assert (web.name, web.url, web.folder, web.shape) == ("web", "https://example.org/a?b=c", None, None)
    assert (folder.name, folder.url, folder.folder) == ("files", None, Path("in"))


def test_the_web_is_read_hourly_and_a_folder_each_minute_unless_it_is_said(load):
    assert [source.interval for source in load(WEB + FOLDER).sources] == [
        timedelta(hours=1),
        timedelta(minutes=1),
    ]
    assert load(FOLDER + "every_minutes = 7").sources[0].interval == timedelta(minutes=7)
    assert load(WEB + "every_minutes = 5").sources[0].interval == timedelta(minutes=5)


def test_a_page_can_be_given_its_reference_and_shape(load):
    (source,) = load(WEB + 'reference = "GID-IPG10158"\nshape = "page"').sources
    assert (source.reference, source.shape) == ("GID-IPG10158", Shape.PAGE)


def test_how_sources_are_watched_can_be_said_in_file_and_environment(load):
    text = '[watching]\nunreadable = "hold"\nallow_private = ["10.0.0.0/8"]\n'
    watching = load(text, {"NOTIFIER_WATCHING__SECONDS_BETWEEN": "0"}).watching
    assert watching.unreadable is Unreadable.HOLD
    assert watching.allow_private == (ip_network("10.0.0.0/8"),)
    assert watching.seconds_between == 0


def test_staff_can_be_named_in_a_variable_and_nobody_twice(load):
    addresses = "a@example.org, b@example.org a@example.org"
    environ = {"NOTIFIER_STAFF__ADDRESSES": addresses, "NOTIFIER_STAFF__RECEIPTS": "false"}
    staff = load(environ=environ).staff
    assert staff.addresses == ("a@example.org", "b@example.org")
    assert staff.receipts is False


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sources = 5", ":1: [[sources]] must be written as sections, each under a line [[sources]]"),
        ("[sources]\nname = 1", ":1: [[sources]] must be written as sections, each under a line [[sources]]"),
        ("sources = [1]", ":1: [[sources]] must be written as sections, each under a line [[sources]]"),
        ("[[source]]", ':1: unknown setting "source"; did you mean "sources"?'),
        ("\n[[sources]]\nurl = 'https://a'", ':2: "name" in [[sources]] is missing'),
        (
            '[[sources]]\nname = "a"\n',
            ':1: "folder" in [[sources]] and "url" exclude each other: set one of them',
        ),
        (
            WEB + 'folder = "x"\n',
            ':4: "folder" in [[sources]] and "url" exclude each other: set one of them',
        ),
        (WEB + "urll = 1", ':4: unknown setting "urll" in [[sources]]; did you mean "url"?'),
        (WEB + FOLDER + "fodler = 1", ':7: unknown setting "fodler" in [[sources]]; did you mean "folder"?'),
        (WEB + "port_ = 1", ':4: unknown setting "port_" in [[sources]]'),
        (
            WEB + "every_minutes = 4",
            ':4: "every_minutes" in [[sources]] must be at least 5 where there is a "url"',
        ),
        (FOLDER + "every_minutes = 0", ':4: "every_minutes" in [[sources]] must be a whole number from 1 to'),
        (FOLDER + 'reference = "A"', ':4: "reference" in [[sources]] is only for a "url" that is the page'),
        (WEB + 'shape = "nice-json"\nreference = "A"', ':5: "reference" in [[sources]] is only for a "url"'),
        (
            WEB + 'shape = "nice-jsn"',
            ':4: "shape" in [[sources]] must be one of "page", "nice-json", "procedures", not "nice-jsn"; '
            'did you mean "nice-json"?',
        ),
        (WEB + 'reference = "a b"', ':4: "reference" in [[sources]] must be a reference such as'),
        (WEB + 'api_key_header = "a b"', ':4: "api_key_header" in [[sources]] must be the name of a header'),
        (
            WEB + FOLDER + WEB.replace('"web"', '"again"'),
            ':9: "url" in [[sources]] is that of another source too',
        ),
        (
            WEB + FOLDER + FOLDER.replace("in", "out"),
            ':8: "name" in [[sources]] is that of another source too',
        ),
        (FOLDER + FOLDER.replace("files", "x"), ':6: "folder" in [[sources]] is that of another source too'),
        ('\nsources = [{name = "a", url = "x"}]', ':2: "url" in [[sources]] must be a web address such as'),
        ('\nsources = [{name = "a", ulr = "https://a", url = "https://a"}]', ':2: unknown setting "ulr"'),
    ],
)
def test_a_mistake_in_a_source_is_told_with_its_line(problems, text, problem):
    (found,) = problems(text)
    assert found.startswith("notifier.toml" + problem)


def test_lines_are_right_where_other_sections_stand_between_sources(problems):
    text = (
        FOLDER + "oops = 1\n"
        "[web]\nport = -1\nhosts = [\n[1],\n[2]]\n\n"
        '[mail]\nhost = """\n[[sources]]\n"""\n' + WEB + "every_minutes = 0\n"
        "[sources.extra]\noops = 2\n[staff]\nreceipts = 2\n"
    )
    assert [problem.partition(" ")[0] for problem in problems(text)] == [
        "notifier.toml:4:",  # oops
        "notifier.toml:6:",  # port
        "notifier.toml:7:",  # hosts
        "notifier.toml:12:",  # host
        "notifier.toml:18:",  # every_minutes
        "notifier.toml:19:",  # [sources.extra]
        "notifier.toml:22:",  # receipts
    ]


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://a b/",
        "https://us:s3cret@example.org/",
        "https://example.org/#part",
        "https://example.org:x/",
        "https://bücher.example/",
    ],
)
def test_a_source_must_have_an_address_that_can_be_asked(problems, url):
    (found,) = problems(f"[[sources]]\nname = 'a'\nurl = '{url}'")
    assert found == (
        'notifier.toml:3: "url" in [[sources]] must be a web address such as '
        '"https://example.org/schedule.json", without a username'
    )


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a" * 65, "ä"])
def test_a_source_must_have_a_plain_name(problems, name):
    assert (
        '"name" in [[sources]] must be a name of small letters'
        in problems(f"[[sources]]\nname = '{name}'\nfolder = 'x'")[0]
    )


@pytest.mark.parametrize("name", ["reference", "api_key_header", "name", "url", "folder", "shape"])
def test_each_setting_of_a_source_says_what_it_expects(problems, name):
    text = "\n".join(line for line in WEB.splitlines() if not line.startswith(f"{name} ="))
    assert f'"{name}" in [[sources]] must be ' in problems(f"{text}\n{name} = [[]]")[0]


@pytest.mark.parametrize("text", ["GID-IPG10158", "a_b.c", "a" * 64])
def test_what_a_source_may_name_is_a_reference(load, text):
    assert is_reference(load(WEB + f"reference = '{text}'").sources[0].reference)


@pytest.mark.parametrize(
    ("environ", "secrets", "place"),
    [
        ({"NOTIFIER_SOURCES__0__URL": "s3cret"}, {}, "environment: NOTIFIER_SOURCES__0__URL"),
        ({}, {"sources__url": "s3cret"}, "secret file secrets/sources__url: sources__url"),
    ],
)
def test_only_the_file_can_hold_sources(problems, environ, secrets, place):
    if secrets:
        environ = {"NOTIFIER_SECRETS_DIR": "secrets"}
    assert problems(None, environ, secrets) == [
        f"{place} cannot be set here: [[sources]] stands only in the settings file"
    ]


def test_an_api_key_is_read_at_once_and_never_shown(load, service):
    Path("key").write_text("Bearer s3cret\n", "utf-8")
    settings = load(service + MAIL + WEB + 'api_key_file = "key"\napi_key_header = "Authorization"')
    Path("key").unlink()
    (source,) = for_serving(settings).sources
    assert source.api_key.get_secret_value() == "Bearer s3cret"
    assert source.api_key_header == "Authorization"
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_without_a_key_file_there_is_no_key(load):
    assert load(WEB).sources[0].api_key is None


@pytest.mark.parametrize("content", [b"", b" \n", b"s3cret\nline", b"s3cret\xff", b"s3cret" * 1000])
def test_a_key_file_without_a_usable_key_is_refused_and_not_shown(load, content):
    Path("key").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(WEB + 'api_key_file = "key"')
    assert str(caught.value) == (
        'notifier.toml:4: "api_key_file" in [[sources]] names a file that cannot be used: it does not hold a '
        'key, which is one line of printable characters, not "key"'
    )
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('"nowhere"', "names a file that cannot be used: No such file or directory"),
        ('"."', "names a file that cannot be used: Is a directory"),
        ('"a\\u0000"', "names a file that cannot be used: it is no path"),
        ('" "', "must be the path of a file in quotes"),
        ("5", "must be the path of a file in quotes"),
    ],
)
def test_a_key_file_that_cannot_be_read_is_told(problems, value, words):
    (found,) = problems(WEB + f"api_key_file = {value}")
    assert found.startswith(f'notifier.toml:4: "api_key_file" in [[sources]] {words}')


def test_a_folder_needs_no_key(problems):
    Path("key").write_text("x", "utf-8")
    assert problems(FOLDER + 'api_key_file = "key"') == [
        'notifier.toml:4: "api_key_file" in [[sources]] is only for a "url"'
    ]


def test_a_source_made_in_code_is_judged_alike():
    assert SourceSettings(name="a", folder=Path("x")).every_minutes == 1
