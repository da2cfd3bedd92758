"""A folder of procedures: read whole at first, later only what changed in it."""

from datetime import date, datetime
from pathlib import Path

import pytest

from notifier.db import Database
from notifier.procedures.due import DueState
from notifier.procedures.model import Procedure
from notifier.procedures.tables import procedure, source
from notifier.sources.folder import Folder as Watched
from notifier.sources.folder import FolderReading, sync_folder
from tests.cast import BEGIN, INTAKE, count, dues, london, rows, snapshot, stored

IN_CONSULTATION = london(2022, 10, 20)
OPENS = ("consultation", "opens", date(2022, 10, 14))


class Folder:
    """The folder that Cora the coordinator writes her schedules into."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(
        self, number: int, *, dates: str = "14 October 2022 - 11 November 2022", more: str = ""
    ) -> None:
        self.file(number).write_text(
            f'reference = "GID-IPG{number}"\ntitle = "Ablation {number}"\nstatus = "In progress"\n{more}\n'
            f'[[milestones]]\nlabel = "Consultation"\ndate = "{dates}"\n'
        )

    def file(self, number: int) -> Path:
        return self.path / f"ip{number}.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "procedures"
    path.mkdir()
    return Folder(path)


async def _sync(db: Database, folder: Folder, now: datetime = IN_CONSULTATION) -> FolderReading:
    return await sync_folder(db, Watched(path=folder.path), intake=INTAKE, now=now)


async def _procedure(db: Database, number: int) -> Procedure:
    return await stored(db, snapshot(number=number))


async def test_the_first_look_at_a_folder_is_silent(db: Database, folder: Folder) -> None:
    folder.write(1)
    folder.write(2)
    reading = await _sync(db, folder)
    assert [one.is_new for one in reading.taken] == [True, True]
    assert reading.problems == ()
    for number in (1, 2):
        assert (await dues(db, snapshot(number=number)))[OPENS].state is DueState.HISTORY


async def test_a_file_that_appears_later_is_told_inside_its_open_consultation(
    db: Database, folder: Folder
) -> None:
    folder.write(1)
    await _sync(db, folder, BEGIN)
    folder.write(2)
    reading = await _sync(db, folder)
    assert len(reading.taken) == 1
    assert (await dues(db, snapshot(number=2)))[OPENS].state is DueState.PENDING


async def test_an_empty_folder_has_had_its_first_look_too(db: Database, folder: Folder) -> None:
    await _sync(db, folder, BEGIN)
    folder.write(1)
    await _sync(db, folder)
    assert (await dues(db, snapshot(number=1)))[OPENS].state is DueState.PENDING


async def test_a_file_is_read_again_only_when_its_content_changed(db: Database, folder: Folder) -> None:
    folder.write(1)
    await _sync(db, folder, BEGIN)
    before = await rows(db, source)
    assert (await _sync(db, folder)).taken == ()
    assert await rows(db, source) == before
    folder.write(1, dates="21 October 2022 - 18 November 2022")
    [taken] = (await _sync(db, folder)).taken
    assert [one.kind for one in taken.changes] == ["moved"]
    assert (await _sync(db, folder)).taken == ()


async def test_a_file_that_changed_back_is_read_again(db: Database, folder: Folder) -> None:
    folder.write(1)
    await _sync(db, folder, BEGIN)
    folder.write(1, dates="21 October 2022 - 18 November 2022")
    await _sync(db, folder)
    folder.write(1)
    [taken] = (await _sync(db, folder)).taken
    assert [one.kind for one in taken.changes] == ["moved"]
    assert (await _procedure(db, 1)).milestones[0].dates.start == date(2022, 10, 14)


async def test_a_broken_file_keeps_its_last_schedule_and_says_what_is_wrong(
    db: Database, folder: Folder
) -> None:
    folder.write(1)
    folder.write(2)
    await _sync(db, folder, BEGIN)
    before = await _procedure(db, 1), await dues(db, snapshot(number=1))
    folder.write(1, dates="31 November 2022")
    folder.write(2, dates="21 October 2022 - 18 November 2022")
    reading = await _sync(db, folder)
    [problem] = reading.problems
    assert "ip1.toml:7" in problem
    assert "31 November 2022" in problem
    assert (await _procedure(db, 1), await dues(db, snapshot(number=1))) == before
    assert (await _procedure(db, 2)).milestones[0].dates.start == date(2022, 10, 21)


async def test_a_broken_file_is_a_problem_until_it_is_mended(db: Database, folder: Folder) -> None:
    folder.write(1)
    await _sync(db, folder, BEGIN)
    folder.write(1, more='titel = "Ablation"')
    for _ in range(2):
        assert len((await _sync(db, folder)).problems) == 1
    folder.write(1)
    assert (await _sync(db, folder)).problems == ()


async def test_a_file_that_is_taken_away_takes_nothing_with_it(db: Database, folder: Folder) -> None:
    folder.write(1)
    await _sync(db, folder, BEGIN)
    folder.file(1).unlink()
    assert (await _sync(db, folder)) == FolderReading(taken=(), problems=())
    assert await count(db, procedure) == 1
    assert (await dues(db, snapshot(number=1)))[OPENS].state is DueState.PENDING


async def test_a_second_file_for_one_procedure_is_a_problem_and_undoes_nothing(
    db: Database, folder: Folder
) -> None:
    folder.write(1)
    await _sync(db, folder)
    folder.file(2).write_text(folder.file(1).read_text().replace("GID-IPG1", "gid-ipg1"))
    (problem,) = (await _sync(db, folder)).problems
    assert '"file:ip1.toml" speaks for GID-IPG1 already' in problem
    assert await count(db, procedure) == 1


async def test_a_missing_folder_is_a_problem_and_no_first_look(db: Database, folder: Folder) -> None:
    folder.path.rmdir()
    (problem,) = (await _sync(db, folder)).problems
    assert "expected a folder of files to watch" in problem
    assert await count(db, source) == 0


async def test_an_editors_hidden_file_and_other_files_are_left_alone(db: Database, folder: Folder) -> None:
    folder.write(1)
    (folder.path / ".#ip1.toml").symlink_to("nowhere")
    (folder.path / "notes.txt").write_text("not a procedure")
    reading = await _sync(db, folder)
    assert (len(reading.taken), reading.problems) == (1, ())
