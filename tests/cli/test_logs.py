"""Logs: every event is documented, and nothing secret stands in a line, however it went wrong."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import notifier
from notifier.cli import logs
from notifier.cli.main import app
from notifier.settings import Health, Mail, Security, Settings

PASSWORD = "pass-w0rd-of-the-relay"
TOKEN = "t0ken-of-the-monitor"
SETTINGS = Settings(
    mail=Mail(security=Security.TLS, username="us", password=PASSWORD),
    health=Health(token=TOKEN, heartbeat_url="https://example.org/s3cret-ping"),
)
LOGGED = re.compile(r'(?:log\.(?:info|warning|error|exception)\(|Outage\(log,)\s*"([^"]+)"')
DOCUMENTED = re.compile(r"`([a-z]+(?:_[a-z]+)*)`")


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Give logging back as it was."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in ("", "apscheduler", "alembic", "mail.log")}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def fail_with_a_secret_at_hand() -> None:
    password = SETTINGS.mail.password and SETTINGS.mail.password.get_secret_value()
    address = "ada@patients.example"
    raise RuntimeError(f"{SETTINGS!r} {len(password or '')} {len(address)}")


def logged_failure(capsys: pytest.CaptureFixture[str]) -> str:
    logs.set_up_logs()
    try:
        fail_with_a_secret_at_hand()
    except RuntimeError:
        logging.getLogger("notifier.test").exception("it_failed", extra={"count": 3})
    return capsys.readouterr().err


def nothing_secret_in(text: str) -> bool:
    return not any(one in text for one in (PASSWORD, TOKEN, "s3cret-ping", "ada@patients.example"))


def test_a_line_for_machines_tells_the_traceback_without_the_values_of_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = logged_failure(capsys)
    (line,) = text.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["logger"], entry["count"]) == (
        "it_failed",
        "error",
        "notifier.test",
        3,
    )
    assert entry["exception"][0]["exc_type"] == "RuntimeError"
    assert entry["exception"][0]["frames"][-1]["name"] == "fail_with_a_secret_at_hand"
    assert nothing_secret_in(text)


def test_on_a_terminal_the_traceback_is_without_the_values_of_variables_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    text = logged_failure(capsys)
    assert "fail_with_a_secret_at_hand" in text
    assert "RuntimeError" in text
    assert nothing_secret_in(text)


def test_settings_show_no_secret_of_theirs() -> None:
    assert nothing_secret_in(f"{SETTINGS!r} {SETTINGS} {SETTINGS.model_dump()} {SETTINGS.health!r}")


def test_an_error_of_a_command_shows_no_variables_either() -> None:
    assert app.pretty_exceptions_enable is False


def test_every_event_of_the_log_is_documented_and_no_other() -> None:
    sources = [path.read_text("utf-8") for path in Path(notifier.__file__).parent.rglob("*.py")]
    written = {name for source in sources for name in LOGGED.findall(source)}
    items = re.findall(r"^- (.+(?:\n  .+)*)", logs.__doc__ or "", re.MULTILINE)
    documented = {name for item in items for name in DOCUMENTED.findall(item)}
    assert written <= documented, "describe new events in notifier/cli/logs.py"
    events = {name for item in items for name in DOCUMENTED.findall(item.partition(":")[0])}
    assert events <= written, "these are logged no more"


def test_no_field_takes_the_place_of_the_name_of_the_event() -> None:
    taken = re.compile(r'extra=\{[^}]*"(event|level|logger|timestamp|exception)":')
    for path in Path(notifier.__file__).parent.rglob("*.py"):
        assert not taken.search(path.read_text("utf-8")), path
