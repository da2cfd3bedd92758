"""`notifier doctor` as it is typed: the table and JSON of `check`, an exit code, and no secret told."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from notifier.cli.main import app
from tests.delivery.scripted_server import CERTIFICATE, ScriptedServer, server_tls
from tests.journeys.house import free_port

SETTINGS = """\
[service]
name = "Topic alerts"
operator = "Kidney Charity"
postal_address = "1 High Street, Leeds"
contact = "help@kidneys.org.uk"
privacy_contact = "privacy@kidneys.org.uk"
relation = "third-party"
public_url = "http://localhost:{web}"

[mail]
host = "localhost"
port = {smtp}
sender = "alerts@localhost"
reply_to = "help@localhost"
username = "us"
password = "s3cret-of-the-relay"

[procedures]
folder = "procedures"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("procedures").mkdir()
    return tmp_path


def written(home: Path, smtp: int) -> None:
    (home / "notifier.toml").write_text(SETTINGS.format(web=free_port(), smtp=smtp))


async def doctor(home: Path, *words: str) -> tuple[int, str]:
    """Run the command in a process of its own, which trusts the test certificate."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("notifier")),
        "doctor",
        "--config",
        "notifier.toml",
        *words,
        cwd=home,
        env={"SSL_CERT_FILE": str(CERTIFICATE), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_it_asks_the_mail_server_and_sends_a_mail_to_whoever_is_named(home: Path) -> None:
    server = ScriptedServer(options={"tls_context": server_tls()}, password=b"s3cret-of-the-relay")
    await server.start()
    written(home, server.port)
    try:
        _, output = await doctor(home, "--to", "ada@charity.example", "--json")
    finally:
        await server.stop()
    found = {one["subject"]: one for one in json.loads(output)["findings"]}
    assert found["mail server"]["verdict"] == "ok"
    assert "250 2.0.0 Taken" in found["test mail"]["sentence"]
    assert "TLSv1.3" in found["mail encryption"]["sentence"]
    assert {"settings", "data folder", "zone data"} <= set(found)  # all of `check`
    assert len(server.taken) == 1
    assert "s3cret" not in output


async def test_a_mail_server_that_is_away_ends_with_1_and_no_traceback(home: Path) -> None:
    written(home, free_port())
    code, output = await doctor(home)
    assert code == 1
    assert "failed    mail server" in output
    assert "Traceback" not in output
    assert "s3cret" not in output


def test_settings_that_cannot_be_read_are_all_there_is_to_find(home: Path) -> None:
    written(home, 25)
    Path("notifier.toml").write_text(Path("notifier.toml").read_text().replace("sender", "sendr"))
    result = CliRunner().invoke(app, ["doctor", "--config", "notifier.toml"])
    assert result.exit_code == 1
    assert 'unknown setting "sendr"' in result.output
    assert "mail server" not in result.output


def test_who_gets_a_test_mail_must_be_an_address(home: Path) -> None:
    written(home, free_port())
    result = CliRunner().invoke(app, ["doctor", "--config", "notifier.toml", "--to", "ada"])
    assert result.exit_code == 2
    assert "is not a plain mail address" in result.output
