"""Checksums of tables, the same on both databases and in whatever order the rows come. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """How many rows a table has, and the checksum of all of them, in hexadecimal."""

    rows: int
    checksum: str


class Checksum:
    """Sums the digests of rows: a sum has no order, and unlike XOR two equal rows do not take each other out.

    A row's canonical text is that of its Python values, as the types of the schema give them on either
    database: an instant is aware and in UTC, a truth is no number, NULL is not the word.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Count some rows."""
        for row in rows:
            digest = blake2b(repr(tuple(row)).encode(), digest_size=_BYTES).digest()
            self._sum += int.from_bytes(digest)
            self._rows += 1

    def summed(self) -> Summed:
        """Return the result of all so far."""
        return Summed(rows=self._rows, checksum=f"{self._sum % _MODULUS:0{2 * _BYTES}x}")
