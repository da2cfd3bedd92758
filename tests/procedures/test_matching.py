"""Which row of a reading is which stored milestone, and which of them the timeline says have happened."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.procedures.kinds import milestone_keys, milestone_kind
from notifier.procedures.matching import align, seen_in
from notifier.procedures.model import (
    Dates,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    TimelineEntry,
)
from tests.procedures.schedule_cast import TBC, between, in_month, on

MAY, JUNE, JULY = date(2023, 5, 4), date(2023, 6, 8), date(2023, 7, 6)
OPENS, ENDS, LATER = date(2023, 5, 2), date(2023, 5, 30), date(2023, 6, 13)

Row = tuple[str, Dates]


def rows(*found: Row) -> tuple[Milestone, ...]:
    """Return rows as a page's reader makes them: keyed by their labels, repeated ones numbered."""
    keys = milestone_keys([label for label, _ in found])
    return tuple(
        Milestone(
            key=key,
            label=label,
            kind=milestone_kind(label, spans=dates.end is not None, process="IP"),
            dates=dates,
        )
        for key, (label, dates) in zip(keys, found, strict=True)
    )


def keys(stored: tuple[Milestone, ...], read: tuple[Milestone, ...], *, given: bool = False) -> list[str]:
    return [one.key for one in align(stored, read, given=given)]


MEETING = ("Committee meeting", on(MAY))
CONSULTATION = ("Consultation", between(OPENS, ENDS))
PUBLICATION = ("Expected publication", on(JULY))
STORED = rows(MEETING, CONSULTATION, PUBLICATION)


@pytest.mark.parametrize(
    ("stored", "read", "expected"),
    [
        pytest.param(
            STORED, STORED, ["committee-meeting", "consultation", "expected-publication"], id="the same again"
        ),
        pytest.param(
            STORED,
            rows(PUBLICATION, MEETING, CONSULTATION),
            ["expected-publication", "committee-meeting", "consultation"],
            id="in another order",
        ),
        pytest.param(
            STORED,
            rows(("Committee meeting", on(JUNE))),
            ["committee-meeting"],
            id="the same label on another day",
        ),
        pytest.param(
            STORED,
            rows(("IPAC", on(MAY))),
            ["committee-meeting"],
            id="another label of its kind on the same day",
        ),
        pytest.param(
            STORED, rows(("IPAC", on(JUNE))), ["ipac"], id="another label on another day is another row"
        ),
        pytest.param(
            STORED,
            rows(("Registration", on(MAY))),
            ["registration"],
            id="another kind on the same day is too",
        ),
        pytest.param(
            rows(("IPAC", TBC)),
            rows(("Committee", TBC)),
            ["committee"],
            id="two rows without a day are not the same",
        ),
        pytest.param(
            rows(("IPAC", in_month(2023, 5))),
            rows(("Committee", in_month(2023, 5))),
            ["committee"],
            id="nor are two of one month",
        ),
        pytest.param(
            rows(("Committee meeting: IPAC 1", on(MAY))),
            rows(("IPAC 1", on(JUNE))),
            ["ipac-1"],
            id="one label twice",
        ),
        pytest.param((), STORED, [one.key for one in STORED], id="nothing stored"),
        pytest.param(STORED, (), [], id="nothing read"),
    ],
)
def test_a_row_keeps_the_key_by_which_it_is_stored(
    stored: tuple[Milestone, ...], read: tuple[Milestone, ...], expected: list[str]
) -> None:
    assert keys(stored, read) == expected


TWICE = rows(("Committee meeting", on(MAY)), ("Committee meeting", on(JUNE)))


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        pytest.param(rows(("Committee meeting", on(JUNE))), ["committee-meeting-2"], id="the first is gone"),
        pytest.param(rows(("Committee meeting", on(MAY))), ["committee-meeting"], id="the second is gone"),
        pytest.param(
            rows(("Committee meeting", on(JUNE)), ("Committee meeting", on(MAY))),
            ["committee-meeting-2", "committee-meeting"],
            id="swapped",
        ),
        pytest.param(
            rows(("Committee meeting", on(JUNE)), ("Committee meeting", on(JULY))),
            ["committee-meeting-2", "committee-meeting"],
            id="the first is gone and a third has come: it moved",
        ),
        pytest.param(
            rows(
                ("Committee meeting", on(JULY)),
                ("Committee meeting", on(MAY)),
                ("Committee meeting", on(JUNE)),
            ),
            ["committee-meeting-3", "committee-meeting", "committee-meeting-2"],
            id="a third before them",
        ),
    ],
)
def test_of_repeated_labels_the_days_tell_which_is_which(
    read: tuple[Milestone, ...], expected: list[str]
) -> None:
    assert keys(TWICE, read) == expected


def test_swapped_rows_are_known_by_their_labels() -> None:
    stored = rows(("IPAC 1", on(MAY)), ("IPAC 2", on(JUNE)))
    swapped = rows(("IPAC 2", on(MAY)), ("IPAC 1", on(JUNE)))
    assert keys(stored, swapped) == ["ipac-2", "ipac-1"]


def test_a_withdrawn_milestone_lends_its_key_to_its_label_alone() -> None:
    gone = tuple(replace(one, state=MilestoneState.WITHDRAWN) for one in rows(MEETING))
    assert keys(gone, rows(("Committee meeting", on(MAY)))) == ["committee-meeting"]
    assert keys(gone, rows(("IPAC", on(MAY)))) == ["ipac"]


def test_a_key_that_somebody_gave_says_itself_which_milestone_it_is() -> None:
    named = replace(rows(MEETING)[0], key="first-look")
    assert keys(STORED, (named,)) == ["first-look"]
    assert keys((named,), (named,)) == ["first-look"]


def test_a_page_finds_a_milestone_under_the_key_that_an_operator_gave_it() -> None:
    named = replace(rows(MEETING)[0], key="first-look")
    assert keys((named,), rows(("Committee meeting", on(JUNE)))) == ["first-look"]


def test_no_two_rows_get_one_key() -> None:
    stored = (replace(rows(MEETING)[0], key="ipac"), *rows(("Workshop", on(JULY))))
    read = rows(("Committee meeting", on(MAY)), ("IPAC", on(JUNE)))
    assert keys(stored, read) == ["ipac", "ipac-2"]


@pytest.mark.parametrize(
    ("read", "given", "expected"),
    [
        pytest.param(rows(("Draft guidance", between(OPENS, ENDS))), True, "consultation", id="to the day"),
        pytest.param(rows(("Draft guidance", between(OPENS, LATER))), True, "consultation", id="extended"),
        pytest.param(rows(("Evidence", between(OPENS, ENDS))), True, "consultation", id="of no kind"),
        pytest.param(
            rows(("Draft guidance", between(ENDS, LATER))), True, "draft-guidance", id="another one"
        ),
        pytest.param(
            rows(("Draft guidance", between(OPENS, LATER))),
            False,
            "draft-guidance",
            id="a page means its labels",
        ),
    ],
)
def test_a_list_of_open_consultations_has_names_of_its_own(
    read: tuple[Milestone, ...], given: bool, expected: str
) -> None:
    assert keys(STORED, read, given=given) == [expected]


def test_of_two_consultations_a_list_means_the_one_on_its_days_whatever_its_name() -> None:
    stored = rows(("Draft guidance", between(MAY, ENDS)), ("Consultation", between(JUNE, JULY)))
    assert keys(stored, rows(("Draft guidance", between(JUNE, JULY))), given=True) == ["consultation"]


def told(start: date | None, text: str, end: date | None = None) -> TimelineEntry:
    return TimelineEntry(start=start, end=end, text=text)


@pytest.mark.parametrize(
    ("entry", "milestone", "seen"),
    [
        pytest.param(told(MAY, "Committee meeting"), STORED[0], on(MAY), id="by its label"),
        pytest.param(told(JUNE, "Committee meeting"), STORED[0], on(JUNE), id="on another day than planned"),
        pytest.param(told(MAY, "IPAC 1"), STORED[0], on(MAY), id="by its kind, on its day"),
        pytest.param(told(JUNE, "IPAC 1"), STORED[0], None, id="of its kind, on another day"),
        pytest.param(told(MAY, "Workshop"), STORED[0], on(MAY), id="a workshop is a meeting"),
        pytest.param(told(OPENS, "Consultation", ENDS), STORED[1], between(OPENS, ENDS), id="a range"),
        pytest.param(
            told(OPENS, "Interventional procedure consultation", ENDS),
            STORED[1],
            between(OPENS, ENDS),
            id="a range under another name",
        ),
        pytest.param(told(None, "Committee meeting"), STORED[0], None, id="without a day"),
        pytest.param(told(JULY, "Guidance published"), STORED[2], on(JULY), id="a publication"),
        pytest.param(told(MAY, "Guidance published"), STORED[0], None, id="another kind"),
        pytest.param(told(MAY, "Elbow"), rows(("Knee", on(MAY)))[0], None, id="two steps of no kind"),
        pytest.param(told(MAY, "Knee"), rows(("Knee", TBC))[0], on(MAY), id="of a date that was not set"),
        pytest.param(
            told(MAY, "Consultation"),
            rows(("Consultation", TBC))[0],
            on(MAY),
            id="a single day of a consultation",
        ),
    ],
)
def test_the_timeline_says_what_has_happened(
    entry: TimelineEntry, milestone: Milestone, seen: Dates | None
) -> None:
    found = seen_in((told(date(2020, 1, 1), "Referred"), entry), milestone)
    if seen is None:
        assert found is None
    else:
        assert found is not None
        assert found.same_days(seen)
        assert found.precision is Precision.DAY


def test_the_newest_entry_of_a_step_counts() -> None:
    twice = (told(JUNE, "Committee meeting"), told(MAY, "Committee meeting"))
    found = seen_in(twice, STORED[0])
    assert found is not None
    assert found.start == JUNE


def test_kinds_that_the_cases_lean_on() -> None:
    assert [one.kind for one in STORED] == [
        MilestoneKind.MEETING,
        MilestoneKind.CONSULTATION,
        MilestoneKind.PUBLICATION,
    ]
