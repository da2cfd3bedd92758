"""What `notifier check` finds: a verdict on one subject, in a sentence, with what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a subject is. Only `FAILED` keeps the service from starting, or from doing what it is for."""

    OK = "ok"
    ATTENTION = "attention"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. It never holds a secret."""

    subject: str
    verdict: Verdict
    sentence: str
    remedy: str = ""


def fine(subject: str, sentence: str) -> Finding:
    """Return that a subject is as it should be."""
    return Finding(subject=subject, verdict=Verdict.OK, sentence=sentence)


def attention(subject: str, sentence: str, remedy: str) -> Finding:
    """Return that somebody should look at a subject."""
    return Finding(subject=subject, verdict=Verdict.ATTENTION, sentence=sentence, remedy=remedy)


def failed(subject: str, sentence: str, remedy: str = "") -> Finding:
    """Return that nothing works before a subject is mended."""
    return Finding(subject=subject, verdict=Verdict.FAILED, sentence=sentence, remedy=remedy)
