"""What is composed is kept while there is room for it, the last used longest."""

from dataclasses import dataclass

from notifier.events.compositions import Kept


@dataclass(frozen=True)
class _Mail:
    size: int


def test_what_is_kept_stays_within_its_bytes_and_what_was_used_last_stays() -> None:
    made: list[str] = []
    kept: Kept[str, _Mail] = Kept(limit=100)

    def of(name: str, size: int = 40) -> None:
        kept.of(name, lambda: made.append(name) or _Mail(size))

    for name in ("a", "b", "a", "c", "a", "b"):
        of(name)
        assert kept.size <= 100
    assert made == ["a", "b", "c", "b"]


def test_what_is_larger_than_all_the_room_is_made_and_not_kept() -> None:
    kept: Kept[str, _Mail] = Kept(limit=100)
    assert kept.of("a", lambda: _Mail(400)).size == 400
    assert kept.size == 0
