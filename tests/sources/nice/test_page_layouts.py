"""One page reads the same in every layout in which such pages circulate."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.date_words import MONTHS
from notifier.procedures.model import Passage, Precision, Snapshot, Status, TimelineEntry
from notifier.sources.nice.page import read_page
from tests.sources.nice.page_layouts import LAYOUTS, Page, label_value

TODAY = date(2022, 9, 1)
Layout = Callable[[Page], str]

WHOLE = Page(
    title="Cold light for a stiff knee & its neighbours",
    standing="In development [GID-IPG90001]",
    summary="We were told of this in March 2021. A committee looks at it on 12 March 2022.",
    facts=(
        ("Status", "In progress"),
        ("Technology type", "Procedure"),
        ("Decision", "Selected"),
        ("Reason for decision", "It is new, and many knees are stiff."),
        ("Further information", "We asked in 2020."),
        ("Developed as", "IP"),
        ("ID number", "1900"),
        ("Referral date", "4 May 2021"),
        ("Topic area", "Joints"),
    ),
    description=("Cold light is shone on a knee, since 4 May 2019.", "It gets warm by 8 June 2030."),
    schedule=(
        ("IPAC 1", "08 September 2022"),
        ("Interventional procedure consultation", "14 October 2022 - 11 November 2022"),
        ("Committee meeting: 2", "12 January 2023 (14:00)"),
        ("Appeal", "TBC"),
        ("Expected publication", "March 2023"),
    ),
    team=(("Lead", "Ada Example"), ("Contact", "ada@example.net"), ("Meets", "1 May 2023")),
    email="knees@example.org",
    lists=(("Consultees", ("Knees United", "Society for Light")), ("Commentators", ("Elbow Board",))),
    timeline=(
        ("01 June 2022", "In progress. The work has begun"),
        ("17 February 2022 - 10 March 2022", "Consultation on the scope"),
        ("04 May 2021", "Referred"),
    ),
)


def read(text: str) -> Snapshot:
    return read_page(text, name="knee", reference=None, today=TODAY)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_whole_page_reads_the_same_in_every_layout(layout: Layout) -> None:
    assert read(layout(WHOLE)) == read(label_value(WHOLE))


def test_all_that_a_page_says_is_read() -> None:
    snapshot = read(label_value(WHOLE))
    facts = snapshot.facts
    assert snapshot.reference == "GID-IPG90001"
    assert facts.title == WHOLE.title
    assert (facts.status, facts.decision, facts.process, facts.id_number) == (
        Status.IN_PROGRESS,
        "Selected",
        "IP",
        "1900",
    )
    assert (facts.technology_type, facts.email, facts.referral_date) == (
        "Procedure",
        "knees@example.org",
        date(2021, 5, 4),
    )
    assert facts.description == "\n\n".join(WHOLE.description)
    assert snapshot.timeline == (
        TimelineEntry(start=date(2022, 6, 1), end=None, text="In progress. The work has begun"),
        TimelineEntry(start=date(2022, 2, 17), end=date(2022, 3, 10), text="Consultation on the scope"),
        TimelineEntry(start=date(2021, 5, 4), end=None, text="Referred"),
    )
    assert snapshot.passages == (
        Passage(heading="Summary", text=WHOLE.summary or ""),
        Passage(heading="Reason for decision", text="It is new, and many knees are stiff."),
        Passage(heading="Further information", text="We asked in 2020."),
        Passage(heading="Developed as", text="IP"),
        Passage(heading="Topic area", text="Joints"),
        Passage(heading="Consultees", text="Knees United\nSociety for Light"),
        Passage(heading="Commentators", text="Elbow Board"),
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nobody_of_the_project_team_is_kept_in_any_layout(layout: Layout) -> None:
    assert "ada" not in repr(read(layout(WHOLE))).lower()


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2036, 12, 31))
NAMES = st.sampled_from(
    [
        "IPAC",
        "Committee meeting:",
        "Draft guidance:",
        "Consultation",
        "Expected publication",
        "Appeal",
        "Step",
    ]
)
LABELS = st.builds(lambda name, n: f"{name} {n}" if n else name.rstrip(":"), NAMES, st.integers(0, 99))


def written(day: date) -> str:
    return f"{day.day:02} {MONTHS[day.month - 1]} {day.year}"


def month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


@st.composite
def values(draw: st.DrawFn) -> tuple[str, tuple[date | None, date | None, Precision]]:
    """Draw a value as a page writes it, and what it means."""
    start = draw(DAYS)
    end = start + timedelta(days=draw(st.integers(0, 300)))
    dash = draw(st.sampled_from([" - ", " – ", "\u00a0- "]))
    return draw(
        st.sampled_from(
            [
                (written(start), (start, None, Precision.DAY)),
                (written(start).replace(" ", "\u00a0"), (start, None, Precision.DAY)),
                (f"{written(start)}{dash}{written(end)}", (start, end, Precision.DAY)),
                ("TBC", (None, None, Precision.UNKNOWN)),
            ]
        )
    )


@given(st.lists(st.tuples(LABELS, values()), min_size=1, max_size=8), st.sampled_from(LAYOUTS))
def test_a_schedule_written_in_any_layout_reads_back_equal(
    rows: list[tuple[str, tuple[str, tuple[date | None, date | None, Precision]]]], layout: Layout
) -> None:
    page = Page(facts=(("Status", "In progress"),), schedule=[(label, value) for label, (value, _) in rows])
    snapshot = read_page(layout(page), name="knee", reference="GID-IPG1", today=TODAY)
    assert [
        (each.label, (each.dates.start, each.dates.end, each.dates.precision)) for each in snapshot.milestones
    ] == [(label, meant) for label, (_, meant) in rows]


SET_APART = [layout for layout in LAYOUTS if layout is not label_value]
WORDS = st.sampled_from(
    ["soon", "Not before the summer", "w/c 8 March 2023", "2023", "see below", "12 parrots"]
)


@given(st.lists(st.tuples(LABELS, DAYS | WORDS), min_size=1, max_size=8), st.sampled_from(SET_APART))
def test_a_value_that_is_no_date_is_kept_as_written_and_never_speaks(
    rows: list[tuple[str, date | str]], layout: Layout
) -> None:
    told = [(label, each if isinstance(each, str) else written(each)) for label, each in rows]
    page = Page(facts=(("Status", "In progress"),), schedule=told)
    snapshot = read_page(layout(page), name="knee", reference="GID-IPG1", today=TODAY)
    assert [(each.label, each.dates.as_written) for each in snapshot.milestones] == told
    assert [each.dates.start for each in snapshot.milestones] == [
        None if isinstance(each, str) else each for _, each in rows
    ]


@given(DAYS, st.sampled_from(SET_APART))
def test_a_month_is_read_in_every_layout_that_sets_it_apart(day: date, layout: Layout) -> None:
    page = Page(facts=(("Status", "In progress"),), schedule=[("IPAC 2", month(day))])
    (milestone,) = read_page(layout(page), name="knee", reference="GID-IPG1", today=TODAY).milestones
    assert (milestone.label, milestone.dates.start) == ("IPAC 2", day.replace(day=1))
    assert milestone.dates.precision is Precision.MONTH
