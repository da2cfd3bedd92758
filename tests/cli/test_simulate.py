"""`notifier simulate`: what will be announced, when, and to how many people, as the service would say it."""

import json
from pathlib import Path

import pytest

from notifier.subscriptions.model import Rhythm
from tests.cli.import_scene import DATABASE, in_days, page, people_follow, say, settle_in


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with one procedure, which four people follow."""
    monkeypatch.chdir(tmp_path)
    settle_in(tmp_path)
    (tmp_path / "page.txt").write_text(page())
    title = ("--title", "An invented procedure: part 2")
    assert say("import", "page.txt", "--reference", "GID-IPG10999", *title).exit_code == 0
    people_follow(Rhythm.AT_ONCE, Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)
    return tmp_path


def _days(first: int, last: int) -> tuple[str, ...]:
    return ("--from", in_days(first).isoformat(), "--to", in_days(last).isoformat())


def test_each_alert_is_a_line_and_the_last_one_sums_them_up() -> None:
    found = say("simulate", *_days(0, 300))
    assert found.exit_code == 0, found.output
    heading, *lines, sums = found.output.splitlines()
    assert heading.split() == ["When", "Procedure", "What", "is", "said", "At", "once", "Daily", "Weekly"]
    assert len(lines) == 7
    assert lines[0].split()[:3] == [in_days(30).isoformat(), "9am", "IP1999"]
    assert "IPAC 1 listed for" in lines[0]
    assert "invented procedure" not in found.output
    assert lines[0].split()[-3:] == ["2", "1", "1"]
    # Reminders, two of the seven, come at once to those of the digests too.
    assert sums.split() == ["7", "alerts", "18", "5", "5"]


def test_the_last_day_is_a_part_of_the_period() -> None:
    assert len(say("simulate", *_days(30, 30)).output.splitlines()) == 3
    assert say("simulate", *_days(31, 31)).output.startswith("Nothing is to be said from midnight on ")


def test_instants_end_it_where_they_say() -> None:
    day = in_days(30).isoformat()
    assert "Nothing" in say("simulate", "--from", day, "--to", f"{day}T09:00").output
    assert "1 alert" in say("simulate", "--from", day, "--to", f"{day}T09:01").output


def test_a_held_date_is_marked_and_not_summed() -> None:
    say("procedure", "hold", "GID-IPG10999", "ipac-1", "--reason", "a flood", "--by", "Cora")
    found = say("simulate", *_days(29, 31)).output
    assert "[held]" in found
    assert found.splitlines()[-1].split() == ["1", "alert", "0", "0", "0"]


def test_json_gives_instants_kinds_and_people() -> None:
    found = json.loads(say("simulate", *_days(59, 61), "--json").stdout)
    (alert,) = found["alerts"]
    assert (alert["reference"], alert["kind"], alert["day"], alert["held"]) == (
        "GID-IPG10999",
        "opened",
        in_days(60).isoformat(),
        False,
    )
    assert alert["people"] == found["people"] == {"at_once": 2, "daily": 1, "weekly": 1}


def test_nothing_is_changed_by_looking() -> None:
    before = DATABASE.read_bytes()
    say("simulate", *_days(0, 300))
    assert DATABASE.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--from", "2022-9-1"), "did you mean 2022-09-01?"),
        (("--to", "1 April 2023"), "did you mean 2023-04-01?"),
        (("--to", "31/02/2023"), "did you mean 2023-02-28?"),
        (("--to", "soon"), "“soon” is not a day such as 2022-09-01"),
        (("--from", "0001-01-01"), "is not a day"),
        (("--from", "2023-04-01", "--to", "2022-09-01"), "--from 2022-09-01 --to 2023-04-01?"),
    ],
)
def test_a_day_that_is_none_is_refused_with_a_suggestion(words: tuple[str, ...], why: str) -> None:
    found = say("simulate", *words)
    assert found.exit_code == 2
    assert why in " ".join(found.output.replace("│", " ").split())


def test_without_a_database_it_says_so(home: Path) -> None:
    DATABASE.unlink()
    found = say("simulate")
    assert (found.exit_code, found.output) == (1, "notifier: there is no database at data/notifier.db\n")
