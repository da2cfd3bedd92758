"""A Maildir of returned mail: what is new is taken in, then moved; nothing is lost on the way."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from notifier.bounces.maildir import LARGEST, empty, is_maildir


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    for number in (2, 1, 3):
        (tmp_path / "new" / f"166573441{number}.M1P1.mx").write_bytes(b"message %d" % number)
    return tmp_path


def _names(box: Path, folder: str) -> list[str]:
    return sorted(one.name for one in (box / folder).iterdir())


async def test_messages_are_taken_in_by_age_and_moved_to_cur_as_read(box: Path) -> None:
    taken: list[bytes] = []

    async def take_in(raw: bytes) -> None:
        taken.append(raw)
        assert len(_names(box, "cur")) == len(taken) - 1  # moved only once it is taken in

    assert await empty(box, take_in) == 0
    assert taken == [b"message 1", b"message 2", b"message 3"]
    assert _names(box, "new") == []
    assert _names(box, "cur") == [f"166573441{number}.M1P1.mx:2,S" for number in (1, 2, 3)]


async def test_what_cannot_be_taken_in_stays_and_holds_up_nothing(box: Path) -> None:
    async def take_in(raw: bytes) -> None:
        if raw == b"message 2":
            raise ValueError(raw)

    assert await empty(box, take_in) == 1
    assert _names(box, "new") == ["1665734412.M1P1.mx"]


async def test_a_database_that_refuses_ends_the_round_and_moves_nothing(box: Path) -> None:
    async def take_in(_: bytes) -> None:
        raise OperationalError("BEGIN", {}, Exception("locked"))

    with pytest.raises(OperationalError):
        await empty(box, take_in)
    assert len(_names(box, "new")) == 3


async def test_a_message_that_another_process_took_meanwhile_is_its_own(box: Path) -> None:
    async def take_in(raw: bytes) -> None:
        for path in (box / "new").iterdir():
            path.rename(box / "cur" / path.name)

    assert await empty(box, take_in) == 0
    assert _names(box, "new") == []


async def test_a_huge_message_is_read_in_part(box: Path) -> None:
    (box / "new" / "0.huge").write_bytes(b"x" * (LARGEST + 5))
    sizes: list[int] = []

    async def take_in(raw: bytes) -> None:
        sizes.append(len(raw))

    await empty(box, take_in)
    assert sizes[0] == LARGEST


async def test_files_that_are_no_messages_are_left(box: Path) -> None:
    (box / "new" / ".hidden").write_bytes(b"x")
    (box / "new" / "folder").mkdir()

    async def take_in(_: bytes) -> None: ...

    await empty(box, take_in)
    assert _names(box, "new") == [".hidden", "folder"]


def test_a_folder_with_new_mail_is_a_maildir(box: Path) -> None:
    assert is_maildir(box)
    assert not is_maildir(box / "cur")
