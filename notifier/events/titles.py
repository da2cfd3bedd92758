"""Titles as they are quoted in sentences and cut in subjects. Titles are never re-cased."""

import re
import unicodedata

from notifier.events.language import say

SUBJECT_LIMIT = 60
"""Characters of a subject that common mail clients show in a list."""

_ELLIPSIS = "…"
_UNSPEAKABLE = frozenset(("Cc", "Cf", "Cs", "Cn"))
_JOINERS = "\u200c\u200d"  # of category Cf, but letters of Persian and Indic words change without them
_LEADING_CODE = re.compile(r"^(?:GID-[A-Z]{2,4}|MT)\d{2,6}[:\s]+(?=\S)")
_TRAILING_CODE = re.compile(r"\s*(?:\[(?:ID\s?)?\d+\]|\((?:ID|MT)\s?\d+\)|\bID\d+)\s*$")
_SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "using",
        "with",
        "–",
        "-",
    ]
)
_TRAILING_MARKS = " ,;:.–-(["


def clean(text: str) -> str:
    """Return `text` on one line, without characters that cannot be shown or that mean something to a format.

    Control and format characters, lone surrogates and code points that are no characters are dropped: they
    break XML, split mail headers, or turn the direction of a line.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    spaced = "".join(" " if char.isspace() else char for char in text)
    kept = (char for char in spaced if char in _JOINERS or unicodedata.category(char) not in _UNSPEAKABLE)
    return " ".join("".join(kept).split())


def full_title(title: str, shown_id: str) -> str:
    """Return the whole title, without a trailing "[ID2695]" where that is the identity shown beside it."""
    whole, shown = clean(title), clean(shown_id)
    for tail in (f"[{shown}]", f"({shown})", f" {shown}"):
        if whole.endswith(tail) and len(whole) > len(tail):
            return whole[: -len(tail)].rstrip()
    return whole


def named(title: str, shown_id: str) -> str:
    """Return the title as feeds show it: `Full title (IP1783)`."""
    whole, shown = full_title(title, shown_id), clean(shown_id)
    return shown if not whole or whole == shown else f"{whole} ({shown})"


def quoted(title: str, shown_id: str) -> str:
    """Return the title as sentences say it: `“Full title” (IP1783)`; the identity alone where it is all."""
    whole, shown = full_title(title, shown_id), clean(shown_id)
    return shown if not whole or whole == shown else say("“{title}” ({id})", title=whole, id=shown)


def cut(text: str, room: int) -> str:
    """Return `text`, or as many whole words as fit `room` characters with their "…".

    Words that only join are not left at the end. A first word longer than the room is cut within.
    """
    if len(text) <= room:
        return text
    words = text[:room].split(" ")[:-1] if room > 0 else []
    while words and words[-1].lower() in _SMALL_WORDS:
        words.pop()
    kept = " ".join(words).rstrip(_TRAILING_MARKS) or text[: max(room - 1, 0)].rstrip(_TRAILING_MARKS)
    return f"{kept}{_ELLIPSIS}" if kept else ""


def excerpt(text: str, limit: int) -> str:
    """Return a quotation on one line, at most `limit` characters: whole sentences if they fill a third of it.

    What is left out at its end is marked by "…".
    """
    whole = clean(text)
    if len(whole) <= limit:
        return whole
    sentence = max(whole.rfind(f"{mark} ", 0, limit - len(_ELLIPSIS)) for mark in ".!?")
    return f"{whole[: sentence + 2]}{_ELLIPSIS}" if sentence * 3 >= limit else cut(whole, limit)


def subject(lead: str, title: str, shown_id: str, *, limit: int = SUBJECT_LIMIT) -> str:
    """Return `Lead: Title cut at a word… (IP1783)`, at most `limit` characters.

    The title loses a leading "MT539 " or a trailing "[ID2695]": the identity stands at the end. A lead that
    leaves no room for a word of the title stands with the identity alone.
    """
    lead, shown = clean(lead), cut(clean(shown_id), limit // 2)
    short = _TRAILING_CODE.sub("", _LEADING_CODE.sub("", clean(title)))
    end = f" ({shown})"
    if not short or short == shown:
        return f"{cut(lead, limit - len(end))}{end}"
    room = limit - len(lead) - len(": ") - len(end)
    part = cut(short, room) if room >= min(len(short), 8) else ""
    return f"{lead}: {part}{end}" if part else f"{cut(lead, limit - len(end))}{end}"
