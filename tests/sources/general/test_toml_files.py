"""Procedures in TOML files: read whole, or refused with file, line, what was expected and what was meant."""

import contextlib
from datetime import date
from datetime import time as hour
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.model import MilestoneKind, MilestoneState, Precision, Snapshot, Status
from notifier.sources.errors import SourceError
from notifier.sources.files import read_path
from notifier.sources.general.toml_files import LARGEST

TODAY = date(2024, 2, 1)

SHIPPED = Path(__file__).parents[3] / "config/procedures"

TOML = '''\
# An invented procedure.
reference = "GID-IPG1"
title = "Cold light on knees"
status = "In progress"
process = "IP"
id_number = "1900"
technology_type = "Procedure"
decision = "Selected"
email = "knees@example.org"
link = "https://example.org/knees"
referral_date = 2023-05-04
draft = true
description = """
Cold light is shone
on a knee.
"""

[[milestones]]  # the first
label = "IPAC 1"
date = "14 March 2024"
state = "reached"

# The people's turn.
[[milestones]]
label = "Interventional procedure consultation"
start = 2024-04-18
end = 2024-05-16
closes_at = "5pm"

[[milestones]]
label = "Public talk"
kind = "meeting"
key = "talk"
date = "June 2024"

[[milestones]]
label = "Expected publication"
date = "TBC"
'''


def read_file(path: Path, *, today: date) -> Snapshot:
    """Read the one procedure of a file, or raise what is wrong with it."""
    records = read_path(path, zone=ZoneInfo("Europe/London"), today=today)
    if records.problems:
        raise records.problems[0]
    (snapshot,) = records.snapshots
    return snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "knee.toml").write_text(TOML, "utf-8")
    return tmp_path


def read(folder: Path, text: str) -> Snapshot:
    (folder / "knee.toml").write_bytes(text.encode())
    return read_file(folder / "knee.toml", today=TODAY)


def test_every_fact_is_read(folder: Path) -> None:
    snapshot = read_file(folder / "knee.toml", today=TODAY)
    facts = snapshot.facts
    assert (snapshot.reference, facts.title, snapshot.draft) == ("GID-IPG1", "Cold light on knees", True)
    assert (facts.status, facts.status_as_written) == (Status.IN_PROGRESS, "In progress")
    assert (facts.process, facts.id_number, facts.technology_type) == ("IP", "1900", "Procedure")
    assert (facts.decision, facts.email, facts.link) == (
        "Selected",
        "knees@example.org",
        "https://example.org/knees",
    )
    assert (facts.referral_date, facts.description) == (date(2023, 5, 4), "Cold light is shone\non a knee.")


def test_every_milestone_is_read(folder: Path) -> None:
    meeting, consultation, talk, publication = read_file(folder / "knee.toml", today=TODAY).milestones
    assert (meeting.key, meeting.kind, meeting.dates.start) == (
        "ipac-1",
        MilestoneKind.MEETING,
        date(2024, 3, 14),
    )
    assert (meeting.state, talk.state) == (MilestoneState.REACHED, MilestoneState.PLANNED)
    assert (consultation.kind, consultation.dates.start) == (MilestoneKind.CONSULTATION, date(2024, 4, 18))
    assert (consultation.dates.end, consultation.dates.closes_at) == (date(2024, 5, 16), hour(17))
    assert (talk.key, talk.kind, talk.dates.precision) == ("talk", MilestoneKind.MEETING, Precision.MONTH)
    assert (publication.kind, publication.dates.precision) == (MilestoneKind.PUBLICATION, Precision.UNKNOWN)


def test_a_date_as_text_and_as_toml_days_are_the_same_days(folder: Path) -> None:
    as_text = TOML.replace("start = 2024-04-18\nend = 2024-05-16", 'date = "18 April 2024 - 16 May 2024"')
    one, other = (read(folder, text).milestones[1].dates for text in (TOML, as_text))
    assert one.same_days(other)
    assert read(folder, TOML.replace('"14 March 2024"', "2024-03-14")).milestones[0].dates.start == date(
        2024, 3, 14
    )


def test_a_day_of_referral_may_be_text(folder: Path) -> None:
    text = TOML.replace("2023-05-04", '"4 May 2023"')
    assert read(folder, text).facts.referral_date == date(2023, 5, 4)


def test_a_file_with_windows_line_ends_and_a_mark_reads_the_same(folder: Path) -> None:
    plain = read(folder, TOML)
    assert read(folder, "\ufeff" + TOML.replace("\n", "\r\n")) == plain


def test_an_unknown_status_is_kept_as_written_unless_it_is_a_slip(folder: Path) -> None:
    facts = read(folder, TOML.replace("In progress", "Resting")).facts
    assert (facts.status, facts.status_as_written) == (Status.UNKNOWN, "Resting")


NAMES = (
    "reference, title, status, process, technology_type, decision, id_number, description, email, link, "
    "referral_date, draft, milestones"
)
MILESTONE_NAMES = "label, date, start, end, closes_at, kind, key, state"
REFERENCE = "a reference: letters, digits, dots, hyphens and underscores, at most 64, such as GID-IPG10158"
A_DATE = (
    'a date, such as "14 October 2022 - 11 November 2022", "March 2023" or "TBC", in a year from 1990 to 2039'
)
KINDS = "one of meeting, consultation, window, resolution, publication, other"
A_KEY = "lower-case letters, digits and hyphens, at most 80"
BESIDE = 'given beside "date": write the range in it, or use "start"'
NO_RANGE = "beside a range of days, which alone closes"
LINK = "a web address that begins with https://"
TEXT = 'text in quotes: "…"'
DAY_OR_TEXT = f"a day: 2022-10-14 or {TEXT}"
TBC = 'date = "TBC"'

# what is replaced, by what; then the line, what is found there, what was expected and what was meant
MISTAKES = [
    ("title", "titel", 3, "titel", f"one of the names {NAMES}", "title"),
    ('date = "14', 'dat = "14', 20, "dat", f"one of the names {MILESTONE_NAMES}", "date"),
    ('reference = "GID-IPG1"\n', "", 1, None, 'reference = "…"', None),
    ('status = "In progress"\n', "", 1, None, 'status = "…"', None),
    ('label = "IPAC 1"\n', "", 18, None, 'label = "…"', None),
    ("In progress", "In progres", 4, "status = In progres", "a status that is known", "In progress"),
    ('"GID-IPG1"', '"GID/IPG1"', 2, "reference = GID/IPG1", REFERENCE, None),
    ('"1900"', "1900", 6, "id_number = 1900", TEXT, None),
    ("draft = true", 'draft = "yes"', 12, "draft = yes", "true or false", None),
    ('"Selected"', "true", 8, "decision = true", TEXT, None),
    ("2023-05-04", '"May 2023"', 11, "referral_date = May 2023", "one day, such as 8 September 2022", None),
    ("2023-05-04", '"31 June 2023"', 11, "31 June 2023", "a date: June has 30 days", "30 June 2023"),
    ("2023-05-04", "2023-05-04T10:00:00", 11, "referral_date = 2023-05-04 10:00:00", DAY_OR_TEXT, None),
    ('"knees@example.org"', '"knees"', 9, "email = knees", "an email address", None),
    ('"https://example.org/knees"', '"/knees"', 10, "link = /knees", LINK, None),
    ('"Selected"', '" "', 8, "decision =", "text; leave the line out where there is none", None),
    ("14 March 2024", "31 June 2024", 20, "31 June 2024", "a date: June has 30 days", "30 June 2024"),
    ("14 March 2024", "soon", 20, "date = soon", A_DATE, None),
    ("14 March 2024", "14 March 1204", 20, "date = 14 March 1204", A_DATE, None),
    ("2024-05-16", "2024-04-16", 27, "end = 2024-04-16", "a day on or after the start, 2024-04-18", None),
    ("2024-05-16", "2204-05-16", 27, "end = 2204-05-16", "a day in a year from 1990 to 2039", None),
    ("start = 2024-04-18\n", "", 24, None, 'either "date" or "start"', None),
    (TBC, f"{TBC}\nstart = 2024-05-16", 38, None, 'either "date" or "start"', None),
    (TBC, f"{TBC}\nend = 2024-05-16", 39, "end = 2024-05-16", BESIDE, None),
    ('"5pm"', '"25pm"', 28, "closes_at = 25pm", 'a time of day: 17:00:00, or "5pm"', None),
    (TBC, f"{TBC}\ncloses_at = 17:00:00", 39, "closes_at = 17:00:00", NO_RANGE, None),
    ('kind = "meeting"', 'kind = "meting"', 32, "kind = meting", KINDS, "meeting"),
    ('"reached"', '"reachd"', 21, "state = reachd", "one of planned, reached", "reached"),
    ('"talk"', '"A talk"', 33, "key = A talk", A_KEY, None),
    (TBC, f'{TBC}\nkey = "talk"', 39, "key = talk", "a key of its own: line 33 has it too", None),
    ('"IPAC 1"', '"IPAC 1"\nlabel = 1', 20, "label = 1", "TOML: Cannot overwrite a value", None),
]


@pytest.mark.parametrize(("before", "after", "line", "found", "expected", "probably"), MISTAKES)
def test_a_mistake_is_said_with_its_line_and_what_was_meant(
    folder: Path, before: str, after: str, line: int, found: str | None, expected: str, probably: str | None
) -> None:
    assert before in TOML
    with pytest.raises(SourceError) as refused:
        read(folder, TOML.replace(before, after, 1))
    error = refused.value
    assert (error.line, error.found, error.expected, error.probably) == (line, found, expected, probably)
    assert error.file == str(folder / "knee.toml")


def test_an_hour_that_contradicts_the_one_in_the_date_is_refused(folder: Path) -> None:
    as_text = TOML.replace("start = 2024-04-18\nend = 2024-05-16", 'date = "18 April - 16 May 2024 (14:00)"')
    with pytest.raises(SourceError, match="the hour given in the date, 14:00"):
        read(folder, as_text)


@pytest.mark.parametrize("milestones", ["milestones = 3", 'milestones = ["a"]', "milestones = {label = 'a'}"])
def test_milestones_that_are_no_tables_are_refused(folder: Path, milestones: str) -> None:
    with pytest.raises(SourceError, match="tables, each under its own heading"):
        read(folder, f'reference = "a"\ntitle = "a"\nstatus = "Proposed"\n{milestones}\n')


def test_milestones_written_inline_are_read_and_blamed_by_their_line(folder: Path) -> None:
    head = 'reference = "a"\ntitle = "a"\nstatus = "Proposed"\n'
    assert read(folder, head + 'milestones = [{label = "a", date = "TBC"}]\n').milestones[0].label == "a"
    with pytest.raises(SourceError) as refused:
        read(folder, head + 'milestones = [{label = "a"}]\n')
    assert refused.value.line == 4


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_file(tmp_path / "none.toml", today=TODAY)
    (tmp_path / "latin.toml").write_bytes(b'\ntitle = "caf\xe9"\n')
    with pytest.raises(SourceError, match=r"latin\.toml:2: expected text in UTF-8"):
        read_file(tmp_path / "latin.toml", today=TODAY)
    (tmp_path / "big.toml").write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(SourceError, match="at most 1,000,000 bytes"):
        read_file(tmp_path / "big.toml", today=TODAY)
    (tmp_path / "deep.toml").write_bytes(b"a = " + b"[" * 20_000)
    with pytest.raises(SourceError):
        read_file(tmp_path / "deep.toml", today=TODAY)


def test_the_procedure_that_we_ship_is_read() -> None:
    snapshot = read_file(SHIPPED / "ip1783.toml", today=TODAY)
    assert snapshot.reference == "GID-IPG10158"
    assert [(each.key, each.kind, each.dates.start) for each in snapshot.milestones] == [
        ("ipac-1", MilestoneKind.MEETING, date(2022, 9, 8)),
        ("interventional-procedure-consultation", MilestoneKind.CONSULTATION, date(2022, 10, 14)),
        ("ipac-2", MilestoneKind.MEETING, date(2023, 1, 12)),
        ("expected-publication", MilestoneKind.PUBLICATION, date(2023, 3, 29)),
    ]


LINES = st.sampled_from(
    [*TOML.splitlines(), "a.b = 1", "[a]", "[[a.b]]", "milestones = 1", '"" = 1', "x = {y = 1}"]
)


@given(
    st.one_of(st.text(), st.lists(LINES).map("\n".join), st.permutations(TOML.splitlines()).map("\n".join))
)
def test_any_text_gives_a_snapshot_or_a_source_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode())
    with contextlib.suppress(SourceError):
        assert read_file(path, today=TODAY).reference
