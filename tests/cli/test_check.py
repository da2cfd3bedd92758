"""`notifier check`: every obstacle is told with its place and what to do; nothing is changed or betrayed."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from notifier import schema
from notifier.cli import checkup
from notifier.cli.finding import Finding, Verdict
from notifier.cli.main import app
from notifier.clock import machine_now
from notifier.db import Database, Rank, sqlite_url
from notifier.hold_kinds import HoldKind
from notifier.holds import put
from notifier.instance import load_secret, recognise
from notifier.subscriptions.tokens import Signer
from tests.cli import charity

TODAY = date(2026, 11, 1)
SETTINGS = (
    charity.SETTINGS
    + """\
username = "us"
password = "s3cret-of-the-relay"

[procedures]
folder = "procedures"

[health]
token = "s3cret-of-the-monitor"
heartbeat_url = "https://watcher.kidneys.org.uk/s3cret"
"""
)
PROCEDURE = 'reference = "GID-IPG1"\ntitle = "One"\nstatus = "In progress"\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with settings and one procedure, as it is before the first start."""
    monkeypatch.chdir(tmp_path)
    Path("notifier.toml").write_text(SETTINGS)
    Path("procedures").mkdir()
    Path("procedures/one.toml").write_text(PROCEDURE)
    return tmp_path


@pytest.fixture
def data() -> Path:
    """The same after the first start."""
    path = Path("data/notifier.db")
    path.parent.mkdir()
    asyncio.run(_start_once(path))
    return path


async def _start_once(path: Path) -> None:
    db = Database(sqlite_url(path))
    now = machine_now()
    url = "https://alerts.kidneys.org.uk"
    await schema.upgrade(db)
    signer = Signer(load_secret(path))
    await recognise(db, signer, database=path, public_url=url, now=now, machine_now=now)
    await db.dispose()


def found(**environ: str) -> list[Finding]:
    return list(checkup.check_up(Path("notifier.toml"), environ, today=TODAY, usual_secrets=Path("none")))


def wrong(**environ: str) -> list[tuple[str, str, str]]:
    return [
        (one.subject, one.verdict.value, one.sentence)
        for one in found(**environ)
        if one.verdict is not Verdict.OK
    ]


def test_nothing_is_wrong_before_the_first_start_and_nothing_is_made(home: Path) -> None:
    assert wrong() == []
    assert sorted(path.name for path in home.iterdir()) == ["notifier.toml", "procedures"]


def test_nothing_is_wrong_after_the_first_start(data: Path) -> None:
    assert wrong() == []


def test_every_mistake_in_the_settings_is_told_with_its_line() -> None:
    Path("notifier.toml").write_text(SETTINGS.replace("sender", "sendr").replace("operator", "operater"))
    sentences = [sentence for _, _, sentence in wrong()]
    assert len(sentences) == 3
    assert any('notifier.toml:11: unknown setting "sendr" in [mail]' in one for one in sentences)


def test_an_identity_that_is_not_given_or_blank_keeps_the_service_from_starting() -> None:
    Path("notifier.toml").write_text('[procedures]\nfolder = "procedures"\n')
    assert ("identity", "failed") in {(subject, verdict) for subject, verdict, _ in wrong()}
    Path("notifier.toml").write_text(SETTINGS.replace('"Kidney Charity"', '" "'))
    assert [one[2].partition(",")[0] for one in wrong()] == [
        'notifier.toml:3: "operator" in [service] must be some text on one line'
    ]


def test_an_identity_left_as_in_the_example_is_told() -> None:
    Path("notifier.toml").write_text(SETTINGS.replace("Kidney Charity", "Example Charity"))
    assert wrong() == [("identity", "attention", "Still as in the example: service.operator.")]


def test_a_domain_that_is_nobodys_is_told_as_that() -> None:
    Path("notifier.toml").write_text(SETTINGS.replace("kidneys.org.uk", "kidneys.example"))
    names = "service.contact, service.privacy_contact, service.public_url, mail.sender, mail.reply_to"
    words = f"“.example” is no real domain, and stands in: {names}."
    assert wrong() == [("identity", "attention", words)]


def test_the_domain_of_the_example_settings_is_told_as_left_alone() -> None:
    Path("notifier.toml").write_text(
        SETTINGS.replace("https://alerts.kidneys.org.uk", "https://a.example.org/")
    )
    assert [one[2] for one in wrong()] == ["Still as in the example: service.public_url."]


def test_what_is_left_and_what_is_no_real_domain_are_told_each() -> None:
    text = SETTINGS.replace("Kidney Charity", "Example Charity").replace(
        '"help@kidneys.org.uk"', '"help@kidneys.Example"', 1
    )
    Path("notifier.toml").write_text(text)
    assert [one[2] for one in wrong()] == [
        "Still as in the example: service.operator.",
        "“.example” is no real domain, and stands in: service.contact.",
    ]


def test_a_public_address_without_tls_is_told() -> None:
    Path("notifier.toml").write_text(SETTINGS.replace("https://alerts", "http://alerts"))
    assert [one[:2] for one in wrong()] == [("identity", "attention")]


def test_every_procedure_file_that_cannot_be_read_is_told_with_its_line() -> None:
    Path("procedures/two.toml").write_text(PROCEDURE.replace("In progress", "In progres"))
    Path("procedures/three.toml").write_text("nonsense")
    Path("procedures/twin.toml").write_text(PROCEDURE.replace("GID", "gid"))
    told = [
        sentence for subject, verdict, sentence in wrong() if (subject, verdict) == ("procedures", "failed")
    ]
    assert [one.partition(": ")[0] for one in told] == [
        "procedures/three.toml:1",
        "procedures/twin.toml",
        "procedures/two.toml:3",
    ]


def test_a_folder_of_procedures_that_is_not_there_is_told() -> None:
    nowhere = wrong(NOTIFIER_PROCEDURES__FOLDER="nowhere")
    assert nowhere == [("procedures", "failed", "nowhere is no folder.")]


def test_old_zone_data_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.zone_data.zone_version", lambda: "2019c")
    words = "The time-zone data is older than 12 months: 2019c."
    assert wrong() == [("zone data", "attention", words)]


def test_a_data_folder_that_cannot_be_written_to_is_told() -> None:
    Path("data").write_text("no folder")
    assert ("data folder", "failed") in {one[:2] for one in wrong()}


def test_a_secret_that_others_can_read_is_told(data: Path) -> None:
    Path("data/notifier.secret").chmod(0o644)
    words = "data/notifier.secret can be used by others on this machine (mode 644)."
    assert wrong() == [("secret", "attention", words)]


def test_a_secret_that_is_gone_or_broken_or_another_is_told(data: Path) -> None:
    secret = Path("data/notifier.secret")
    kept = secret.read_text()
    secret.write_text("ab" * 32)
    assert [one[:2] for one in wrong()] == [("database", "failed")]
    secret.write_text("half")
    assert ("secret", "failed") in {one[:2] for one in wrong()}
    secret.unlink()
    assert [one[:2] for one in wrong()] == [("secret", "failed")]
    secret.write_text(kept)
    secret.chmod(0o600)
    assert wrong() == []


def test_a_database_that_is_none_is_told(data: Path) -> None:
    for name in ("notifier.db-wal", "notifier.db-shm"):
        data.with_name(name).unlink(missing_ok=True)
    data.write_bytes(b"no database" * 1000)
    assert wrong() == [("database", "failed", "data/notifier.db cannot be read: file is not a database.")]


def test_a_held_database_of_another_service_is_told(data: Path) -> None:
    async def hold() -> None:
        db = Database(sqlite_url(data))
        async with db.write(Rank.WEB) as conn:
            await put(conn, HoldKind.CLOCK, "The clock leapt.", machine_now=machine_now())
        await db.dispose()

    asyncio.run(hold())
    told = wrong(NOTIFIER_SERVICE__PUBLIC_URL="https://other.kidneys.org.uk")
    assert told == [
        ("database", "attention", "It belongs to the service at https://alerts.kidneys.org.uk."),
        ("database", "attention", "It is held. The clock leapt."),
    ]


def test_the_command_says_by_its_exit_code_whether_the_service_can_start() -> None:
    good = CliRunner().invoke(app, ["check", "--config", "notifier.toml"])
    assert (good.exit_code, good.output.splitlines()[0][:10].strip()) == (0, "ok")
    bad = CliRunner().invoke(
        app, ["check", "--config", "notifier.toml", "--json"], env={"NOTIFIER_WEB__PORT": "x"}
    )
    assert bad.exit_code == 1
    answer = json.loads(bad.output)
    assert answer["ok"] is False
    assert answer["findings"][0]["verdict"] == "failed"


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_no_secret_is_printed(data: Path, words: list[str]) -> None:
    result = CliRunner().invoke(app, ["check", "--config", "notifier.toml", *words])
    assert result.exit_code == 0
    assert "s3cret" not in result.output
    assert Path("data/notifier.secret").read_text() not in result.output
