"""Base32 of many short texts at once (RFC 4648 §6, small letters, no padding). Pure.

The standard library goes through them byte by byte; here all groups of five bits of all texts are spread over
bytes in a few operations on one long number.
"""

from collections.abc import Sequence
from functools import lru_cache

_WIDTH = 25
"""Bytes that each text is filled up to: five quanta of 40 bits, the most that is ever asked for."""

_LETTERS = 40
"""What `_WIDTH` bytes come to."""

_ALPHABET = bytes.maketrans(bytes(range(32)), b"abcdefghijklmnopqrstuvwxyz234567")


def base32(raws: Sequence[bytes]) -> list[str]:
    """Return each of `raws`, at most 25 bytes long, as base32.

    Raises:
        ValueError: one is longer.
    """
    if any(len(raw) > _WIDTH for raw in raws):
        raise ValueError(f"more than {_WIDTH} bytes")
    filled = b"".join([raw.ljust(_WIDTH, b"\0") for raw in raws])
    letters = _letters(filled).translate(_ALPHABET).decode("ascii")
    return [
        letters[place : place + (len(raw) * 8 + 4) // 5]
        for place, raw in zip(range(0, len(letters), _LETTERS), raws, strict=True)
    ]


def _letters(filled: bytes) -> bytes:
    """Return the groups of five bits, each in a byte of its own."""
    quanta = len(filled) // 5
    lanes = bytearray(8 * quanta)  # each quantum of five bytes at the end of a lane of eight
    for byte in range(5):
        lanes[3 + byte :: 8] = filled[byte::5]
    bits = int.from_bytes(lanes, "big")
    for (high, low), shift in zip(_halves(quanta), (12, 6, 3), strict=True):
        bits = (bits & high) << shift | bits & low
    return bits.to_bytes(8 * quanta, "big")


@lru_cache(maxsize=8)
def _halves(quanta: int) -> tuple[tuple[int, int], ...]:
    """Return masks of the upper and the lower half of what stands in each lane: of 40 bits, 20, and 10."""
    return tuple(
        (int.from_bytes(high * quanta, "big"), int.from_bytes(low * quanta, "big"))
        for high, low in (
            (bytes.fromhex("000000fffff00000"), bytes.fromhex("00000000000fffff")),
            (bytes.fromhex("000ffc00000ffc00"), bytes.fromhex("000003ff000003ff")),
            (bytes.fromhex("03e003e003e003e0"), bytes.fromhex("001f001f001f001f")),
        )
    )
