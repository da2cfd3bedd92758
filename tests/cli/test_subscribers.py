"""`notifier subscribers`: lists in and out, and what an operator may do about one address."""

import csv
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from notifier import schema
from notifier.cli import subscribers_import
from notifier.db import Database
from notifier.subscriptions.tables import subscriber, subscription
from tests.cast import BEGIN, IP1783, count, follow, read, rows
from tests.cli.import_scene import DATABASE, say, with_database
from tests.cli.proof_scene import announce, say_then, settle

LIST = Path("people.csv")
REFUSED = Path("people.refused.csv")
HEAD = "address,follows,preset,rhythm,language,consent_source,consent_date,reminders\n"
GOOD = "ada@example.org,all,,,,form,2022-09-03,\nben@example.org,GID-IPG1783,,,,form,2022-09-03,\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service that knows IP1783 and nobody."""
    monkeypatch.chdir(tmp_path)
    settle(tmp_path)

    async def work(db: Database) -> None:
        await read(db, IP1783, now=BEGIN)

    with_database(work)
    return tmp_path


def _people() -> list[str]:
    async def look(db: Database) -> list[str]:
        return [str(row["address"]) for row in await rows(db, subscriber)]

    return with_database(look)


def test_a_list_is_taken_in_once_however_often_it_is_imported() -> None:
    LIST.write_text(HEAD + GOOD)
    found = say("subscribers", "import", str(LIST))
    assert (found.exit_code, found.output) == (0, "2 rows taken in, 0 already there, 0 refused.\n")
    again = say("subscribers", "import", str(LIST))
    assert again.output == "0 rows taken in, 2 already there, 0 refused.\n"
    assert _people() == ["ada@example.org", "ben@example.org"]
    assert not REFUSED.exists()


def test_refused_lines_are_told_and_kept_to_be_mended_and_the_good_ones_are_taken_in() -> None:
    bad = '"cleo@example,org",all,,,,"=form",2022-09-03,\ndan@example.org,all,,,,,,\n'
    LIST.write_text(HEAD + GOOD + bad)
    found = say("subscribers", "import", str(LIST))
    assert found.exit_code == 1
    assert found.stdout == "2 rows taken in, 0 already there, 2 refused.\n"
    first, second, last = found.stderr.splitlines()
    assert first.startswith("line 4: address “cleo@example,org” is none (")
    assert first.endswith("did you mean “cleo@example.org”?")
    assert second == "line 5: consent_date is missing; consent_source is missing"
    assert last == "Mend the refused rows in people.refused.csv and import that."
    with REFUSED.open(encoding="utf-8-sig", newline="") as file:
        cleo, dan = csv.DictReader(file)
    assert (cleo["line"], cleo["meant"], cleo["consent_source"]) == ("4", "cleo@example.org", "'=form")
    assert (dan["address"], dan["problem"]) == (
        "dan@example.org",
        "consent_date is missing; consent_source is missing",
    )
    mended = REFUSED.read_text().replace("cleo@example,org", "cleo@example.org")
    mended = mended.replace("dan@example.org,all,,,,,,", "dan@example.org,all,,,,call,2022-09-03,")
    Path("mended.csv").write_text(mended)
    again = say("subscribers", "import", "mended.csv")
    assert again.stdout == "2 rows taken in, 0 already there, 0 refused.\n"
    assert len(_people()) == 4


def test_what_was_refused_holds_addresses_and_is_for_its_owner_alone() -> None:
    LIST.write_text(HEAD + "dan@example.org,all,,,,,,\n")
    before = os.umask(0o022)
    try:
        assert say("subscribers", "import", str(LIST)).exit_code == 1
    finally:
        os.umask(before)
    assert stat.S_IMODE(REFUSED.stat().st_mode) == 0o600


def test_a_dry_run_says_what_would_be_and_takes_in_nobody() -> None:
    LIST.write_text(HEAD + GOOD + GOOD)
    found = say("subscribers", "import", str(LIST), "--dry-run")
    assert found.output == (
        "A dry run, nothing was changed. What would be: 2 rows taken in, 2 already there, 0 refused.\n"
    )
    assert _people() == []


def test_a_dry_run_writes_no_file() -> None:
    LIST.write_text(HEAD + "dan@example.org,all,,,,,,\n")
    before = sorted(Path().iterdir())
    found = say("subscribers", "import", str(LIST), "--dry-run")
    assert found.exit_code == 1
    assert found.stderr == (
        "line 2: consent_date is missing; consent_source is missing\n"
        "A dry run writes no file; the import itself keeps the refused rows in one, to be mended.\n"
    )
    assert sorted(Path().iterdir()) == before


def test_a_file_that_is_being_mended_is_left_as_it_is() -> None:
    LIST.write_text(HEAD + "dan@example.org,all,,,,,,\n")
    assert say("subscribers", "import", str(LIST)).exit_code == 1
    first = REFUSED.read_bytes()
    again = say("subscribers", "import", str(LIST)).stderr
    assert again.splitlines()[-1] == "Mend the refused rows in people.refused.csv and import that."
    assert list(Path().glob("*.refused*")) == [REFUSED]
    REFUSED.write_text("half mended")
    found = say("subscribers", "import", str(LIST)).stderr
    assert found.splitlines()[1:] == [
        "people.refused.csv was there already and is left as it is.",
        "Mend the refused rows in people.refused-2.csv and import that.",
    ]
    assert REFUSED.read_text() == "half mended"
    second = Path("people.refused-2.csv")
    assert second.read_bytes() == first
    assert say("subscribers", "import", str(LIST)).stderr == found
    assert sorted(Path().glob("*.refused*")) == [second, REFUSED]
    LIST.write_text(HEAD + GOOD)
    assert say("subscribers", "import", str(LIST)).exit_code == 0
    assert REFUSED.read_text() == "half mended"


def test_a_file_in_another_encoding_takes_in_nobody() -> None:
    LIST.write_bytes((HEAD + GOOD + "josé@example.org,all,,,,form,2022-09-03,\n").encode("cp1252"))
    found = say("subscribers", "import", str(LIST))
    assert found.exit_code == 2
    assert "people.csv, line 4: not UTF-8 (the byte 0xE9 is of another encoding" in found.stderr
    assert _people() == []


def test_a_terminal_is_shown_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Console(force_terminal=True, file=Path("seen.txt").open("w"), width=80)  # noqa: SIM115
    monkeypatch.setattr(subscribers_import, "Console", lambda **_: shown)
    LIST.write_text(HEAD + GOOD)
    assert say("subscribers", "import", str(LIST)).exit_code == 0
    shown.file.close()
    assert "Taking in" in Path("seen.txt").read_text()


def _import_in_a_process() -> subprocess.Popen[bytes]:
    code = "from notifier.cli.main import app; app(['subscribers', 'import', 'people.csv'])"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)


def _stored() -> int:
    with sqlite3.connect(DATABASE) as connection:
        found: int = connection.execute("SELECT count(*) FROM subscriber").fetchone()[0]
    connection.close()
    return found


def test_an_import_that_is_killed_goes_on_where_it_was() -> None:
    number = 6_000
    LIST.write_text(HEAD + "".join(f"r{n}@example.org,all,,,,form,2022-09-03,\n" for n in range(number)))
    process = _import_in_a_process()
    give_up = time.monotonic() + 30
    while _stored() == 0 and time.monotonic() < give_up:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = _stored()
    assert 0 < done < number
    assert done % 200 == 0
    again = _import_in_a_process()
    said = again.communicate()[0].decode()
    assert said == f"{number - done} rows taken in, {done} already there, 0 refused.\n"
    people = _people()
    assert len(people) == len(set(people)) == number

    async def look(db: Database) -> int:
        return await count(db, subscription)

    assert with_database(look) == number


def test_what_is_exported_is_imported_as_it_was() -> None:
    source = '"=cmd|x, of 2019",2022-09-03'
    ada = f"ada@example.org,all,openings,weekly,cy,{source},no\n"
    LIST.write_text(HEAD + ada + GOOD.splitlines()[1] + "\n")
    assert say("subscribers", "import", str(LIST)).exit_code == 0
    out = say("subscribers", "export")
    assert out.stderr == "2 rows written.\n"
    assert '"\'=cmd|x, of 2019"' in out.stdout
    assert say("subscribers", "export", "--csv", "out.csv").exit_code == 0
    assert Path("out.csv").stat().st_mode & 0o777 == 0o600
    again = say("subscribers", "import", "out.csv")
    assert again.output == "0 rows taken in, 2 already there, 0 refused.\n"
    DATABASE.unlink()
    for end in ("-wal", "-shm"):
        DATABASE.with_name(f"{DATABASE.name}{end}").unlink(missing_ok=True)

    async def fresh(db: Database) -> None:
        await schema.upgrade(db)
        await read(db, IP1783, now=BEGIN)

    with_database(fresh)
    assert say("subscribers", "import", "out.csv").exit_code == 0
    assert say("subscribers", "export").stdout == out.stdout


def test_where_the_export_cannot_be_written_is_said() -> None:
    found = say("subscribers", "export", "--csv", "nowhere/out.csv")
    assert (found.exit_code, found.stderr) == (1, "notifier: nowhere/out.csv: No such file or directory\n")


def test_an_address_is_stopped_allowed_and_erased() -> None:
    async def work(db: Database) -> None:
        await follow(db, "Ada")

    with_database(work)
    stopped = say("subscribers", "stop", "ADA@example.org", "--reason", "asked by phone")
    assert stopped.output == (
        "ADA@example.org is written to no more: 1 thing that it followed ended. "
        "`notifier subscribers allow` lifts that.\n"
    )
    assert "it followed nothing" in say("subscribers", "stop", "ada@example.org", "--reason", "x").output
    shown = say("subscribers", "show", "ada@example.org").output
    assert "until that is lifted: stopped by the operator." in shown
    assert "the operator's reason: asked by phone" in shown
    assert "may be written to again" in say("subscribers", "allow", "ada@example.org").output
    assert "was not stopped" in say("subscribers", "allow", "ada@example.org").output
    assert "is erased" in say("subscribers", "erase", "ada@example.org").output
    assert "is not known here" in say("subscribers", "erase", "ada@example.org").output
    assert len(DATABASE.with_suffix(".erased").read_text().splitlines()) == 1
    assert "ada@example.org, erased: known since" in say("subscribers", "show", "ada@example.org").output


def test_a_stop_without_a_reason_or_of_no_address_is_refused() -> None:
    assert say("subscribers", "stop", "ada@example.org").exit_code == 2
    assert say("subscribers", "stop", "ada@example.org", "--reason", " ").exit_code == 2
    assert say("subscribers", "stop", "ada", "--reason", "x").exit_code == 2


def test_an_address_is_shown_with_what_it_was_sent() -> None:
    announce()
    found = say_then("subscribers", "show", "cleo@example.org").output
    assert "cleo@example.org: known since 1 September 2022, language en, reminders" in found
    assert "  everything, every step, at once (active)" in found
    queued = "(queued at 9:00:00am on 8 September 2022, failed at 9:00:07am on 8 September 2022, "
    assert f"{queued}550 5.1.1 No such user)" in found
    whole = json.loads(say_then("subscribers", "show", "ada@example.org", "--json").output)
    assert whole["people"][0]["mails"][0]["code"] == 250
    assert whole["people"][0]["since"] == "2022-09-01T09:00:00+01:00"
    assert say_then("subscribers", "show", "x@example.org").output == "x@example.org is not known here.\n"
