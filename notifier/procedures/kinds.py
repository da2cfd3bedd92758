"""What kind of milestone a label names, and the key it keeps when it is written another way. Pure.

The kind decides what is said on the day (promises §1.10), so the table errs on the quiet side: only a label
for the guidance itself is a publication, because on that day people are told that guidance is expected.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from notifier.procedures.model import MilestoneKind

_LONGEST_KEY = 80
"""Characters. Keys stand in addresses and calendar UIDs."""

_LONGEST_LABEL = 160
"""Characters. More is a sentence about the work, not the name of a step."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """`spans` None: a range or a single day. `processes` empty: any; "STA" stands for "STA 2018" too."""

    pattern: re.Pattern[str]
    kind: MilestoneKind
    spans: bool | None = None
    processes: tuple[str, ...] = ()

    def fits(self, label: str, spans: bool, process: str | None) -> bool:
        right_span = self.spans is None or self.spans is spans
        right_process = not self.processes or (process or "").upper().startswith(self.processes)
        return right_span and right_process and self.pattern.search(label) is not None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


# The first rule that fits decides.
_TABLE = (
    _Rule(
        _words(r"^(?:clos(?:e|es|ing)|deadline|end)\b|\b(?:closes|deadline|closing date)$"),
        MilestoneKind.OTHER,
    ),
    _Rule(
        _words(
            r"\b(?:papers|minutes|scope|comments|protocol|report|summary)\b.*\b(?:published|publication)$"
        ),
        MilestoneKind.OTHER,
    ),
    _Rule(
        _words(r"^publication of (?:the )?(?:draft|final scope|scope|papers|minutes)\b"), MilestoneKind.OTHER
    ),
    _Rule(_words(r"\brecruitment\b|^topic engagement$"), MilestoneKind.WINDOW),
    _Rule(_words(r"\b(?:meeting|workshop|hearing|webinar)s?(?:[ :]*\d+)?$|\bIPAC\b"), MilestoneKind.MEETING),
    _Rule(_words(r"^committee meeting\b|^committee(?:[ :]+\d+)?$"), MilestoneKind.MEETING),
    _Rule(_words(r"\bappeals?\b|^invitation\b|\bexpressions? of interest$"), MilestoneKind.WINDOW),
    _Rule(_words(r"^consultation\b|\bconsultation(?: period)?(?:[ :]*\d+)?$"), MilestoneKind.CONSULTATION),
    _Rule(_words(r"\bconsultation on\b"), MilestoneKind.CONSULTATION, spans=True),
    _Rule(
        _words(r"^draft (?:guidance|guideline|scope|quality standard)\b"),
        MilestoneKind.CONSULTATION,
        spans=True,
    ),
    _Rule(_words(r"\bregistration\b|\bsubmissions?$"), MilestoneKind.WINDOW, spans=True),
    _Rule(  # appraisals end with the days in which their final draft can be appealed against
        _words(r"^final (?:draft guidance|appraisal d|evaluation d)"),
        MilestoneKind.WINDOW,
        spans=True,
        processes=("STA", "MTA", "HST", "TA", "CDF"),
    ),
    _Rule(_words(r"^resolution\b|\bresolution(?: period| request)?$"), MilestoneKind.RESOLUTION),
    _Rule(
        _words(
            r"^(?:(?:expected|anticipated|planned|estimated|provisional) )?(?:final )?"
            r"(?:(?:guidance|guideline|quality standard|briefing|advice) )?publication(?: date)?$"
        ),
        MilestoneKind.PUBLICATION,
    ),
    _Rule(
        _words(
            r"^publication of (?:the )?(?:final )?(?:guidance|guideline|quality standard|briefing|advice)$"
        ),
        MilestoneKind.PUBLICATION,
    ),
    _Rule(
        _words(r"^(?:final )?(?:guidance|guideline|quality standard) published$"), MilestoneKind.PUBLICATION
    ),
)


def milestone_kind(label: str, *, spans: bool, process: str | None) -> MilestoneKind:
    """Return the kind of the step that `label` names; `spans` says whether its dates are a range.

    "Draft guidance: 1" with a range is a consultation; on a single day it is only a step. A label that the
    table does not know, or that is a sentence, is `OTHER`.
    """
    name = " ".join(label.split()).rstrip(" :.")
    if len(name) > _LONGEST_LABEL or ". " in name:
        return MilestoneKind.OTHER
    return next((rule.kind for rule in _TABLE if rule.fits(name, spans, process)), MilestoneKind.OTHER)


def milestone_key(label: str) -> str:
    """Return the identity of a label: "IPAC 1" and "Committee meeting: IPAC 1" are both "ipac-1".

    Lower-case ASCII letters, digits and hyphens; never empty, and at most 80 characters.
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    slug = re.sub(r"^(?:committee|advisory)-meeting-(?=ipac\b)", "", slug)
    if len(slug) > _LONGEST_KEY:  # two long labels may differ only at their ends
        digest = hashlib.sha256(slug.encode()).hexdigest()[:8]
        slug = f"{slug[: _LONGEST_KEY - 9].rstrip('-')}-{digest}"
    return slug or "date"


def milestone_keys(labels: Sequence[str], *, taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return one key for each label of a schedule, in order; a repeated one gets "-2", "-3" and so on.

    Keys in `taken` belong to other milestones of the same schedule and are not given.
    """
    plain = [milestone_key(label) for label in labels]
    reserved, times = set(plain) | taken, Counter(taken & set(plain))
    keys: list[str] = []
    for key in plain:
        times[key] += 1
        if times[key] == 1:
            keys.append(key)
            continue
        while (numbered := f"{key}-{times[key]}") in reserved:
            times[key] += 1
        keys.append(numbered)
    return tuple(keys)
