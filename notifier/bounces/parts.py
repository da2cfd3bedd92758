"""The parts and headers of a message that anybody may have written. Pure.

The old policy of the standard library is used, because the new one refuses headers that real servers write.
"""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message

MOST_BYTES = 128_000
"""Bytes of a message that are taken apart: a report stands first, and what it encloses last."""

MOST_PARTS = 50
"""Parts looked at; a report has three."""

LONGEST_VALUE = 4_000
"""Characters of a header, and of a text, that are looked at."""


# Reports are ASCII by their standards. What is not turns headers into objects that libraries stumble over.
_ASCII = bytes(range(128)) + b"?" * 128


def parsed(raw: bytes) -> Message:
    """Return a message taken apart; a line "From …" of a mailbox file before it is no part of it."""
    return message_from_bytes(raw[:MOST_BYTES].translate(_ASCII), policy=policy.compat32)


def value(message: Message, name: str) -> str:
    """Return a header in one line; empty where there is none."""
    return _one_line(message.get(name, ""))


def values(message: Message, *names: str) -> Iterator[str]:
    """Yield every header of these names, name by name."""
    for name in names:
        yield from map(_one_line, message.get_all(name, []))


def parts_of(message: Message) -> Iterator[Message]:
    """Yield the message or, where it has several parts, each of them; what a part encloses is its own."""
    waiting, left = [message], MOST_PARTS
    while waiting and left:
        left -= 1
        one = waiting.pop(0)
        inside = one.get_payload()
        if one.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting = [each for each in inside if isinstance(each, Message)] + waiting
        else:
            yield one


def part_of_type(message: Message, *types: str) -> Message | None:
    """Return the first part of one of these types."""
    return next((one for one in parts_of(message) if one.get_content_type() in types), None)


def enclosed_in(part: Message) -> Iterator[Message]:
    """Yield the messages, or blocks of fields, that a part of type message/… encloses."""
    inside = part.get_payload()
    if isinstance(inside, list):
        yield from (each for each in inside if isinstance(each, Message))


def text_of(part: Message) -> str:
    """Return the beginning of a part's text."""
    found = part.get_payload(decode=True)
    return found[:LONGEST_VALUE].decode("utf-8", "replace") if isinstance(found, bytes) else ""


def _one_line(found: object) -> str:
    return " ".join(str(found)[:LONGEST_VALUE].split())
