"""Procedures in JSON, TOML and CSV: one document in three forms, and each mistake said with its place."""

import json
import re
from datetime import date
from datetime import time as hour
from pathlib import Path

import pytest

from notifier.procedures.model import MilestoneKind, MilestoneState, Precision, Status
from notifier.sources.errors import SourceError
from notifier.sources.general.csv_form import read_csv
from notifier.sources.general.json_form import read_json, read_toml
from notifier.sources.general.toml_files import read_text
from notifier.sources.records import Records

TODAY = date(2024, 2, 1)
DOCS = Path(__file__).parents[3] / "docs/procedures.md"

KNEE: dict[str, object] = {"reference": "KNEE-7", "title": "Cold light on knees", "status": "In progress"}


def from_json(document: object) -> Records:
    return read_json(json.dumps(document), name="dates.json", today=TODAY)


def with_milestone(**names: object) -> Records:
    return from_json({"procedures": [KNEE | {"milestones": [names]}]})


def sentences(records: Records) -> list[str]:
    return [str(problem) for problem in records.problems]


def examples() -> dict[str, str]:
    blocks = re.findall(r"```(json|toml|csv)\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    return dict(blocks)


def test_the_documented_examples_are_one_document_in_three_forms() -> None:
    found = examples()
    as_json = read_json(found["json"], name="dates.json", today=TODAY)
    assert as_json.problems == ()
    assert read_toml(found["toml"], name="dates.toml", today=TODAY) == as_json
    assert read_csv(found["csv"], name="dates.csv", today=TODAY) == as_json
    knee, other = as_json.snapshots
    assert (knee.reference, knee.facts.status, knee.facts.id_number) == ("KNEE-7", Status.IN_PROGRESS, "7")
    assert (other.reference, other.milestones) == ("KNEE-8", ())


def test_a_milestone_says_its_days_kind_hour_and_state() -> None:
    knee, _ = read_json(examples()["json"], name="dates.json", today=TODAY).snapshots
    meeting, consultation, publication = knee.milestones
    assert (meeting.kind, meeting.state) == (MilestoneKind.MEETING, MilestoneState.REACHED)
    assert (consultation.dates.start, consultation.dates.end) == (date(2024, 4, 18), date(2024, 5, 16))
    assert (consultation.kind, consultation.dates.closes_at) == (MilestoneKind.CONSULTATION, hour(17))
    assert publication.dates.precision is Precision.MONTH
    assert knee.stated == {"committee-meeting", "consultation", "expected-publication"}


def test_the_general_form_and_a_procedures_own_file_mean_the_same() -> None:
    one = 'reference = "KNEE-7"\ntitle = "Cold light"\nstatus = "Proposed"\n'
    row = 'label = "Public talk"\ndate = 2024-06-03\nkey = "talk"\n'
    alone = read_text(f"{one}[[milestones]]\n{row}", name="knee.toml", today=TODAY)
    general = f"[[procedures]]\n{one}[[procedures.milestones]]\n{row}"
    assert read_toml(general, name="dates.toml", today=TODAY) == alone


def test_an_iso_day_is_a_date_in_every_form() -> None:
    assert with_milestone(label="Talk", date="2024-06-03").snapshots[0].milestones[0].dates.start == date(
        2024, 6, 3
    )


def test_null_is_not_there() -> None:
    found = with_milestone(label="Talk", date="TBC", start=None, end=None, kind=None).snapshots
    assert found[0].milestones[0].dates.as_written == "TBC"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            {"label": "Talk", "date": "32 May 2024"},
            'milestones[0].date (KNEE-7): "32 May 2024" is not a date',
        ),
        ({"label": "Talk", "date": "2024-02-30"}, 'milestones[0].date (KNEE-7): "2024-02-30" is not a date'),
        ({"label": "Talk", "date": "soon"}, 'milestones[0].date (KNEE-7): "soon" is not a date, such as'),
        (
            {"label": "Talk", "start": "3 June 2024"},
            '.start (KNEE-7): "3 June 2024" is not a day: 2022-10-14',
        ),
        ({"label": "Talk"}, 'milestones[0].date (KNEE-7): expected either "date" or "start"'),
        ({"lable": "Talk", "label": "Talk", "date": "TBC"}, "did you mean label?"),
        ({"date": "TBC"}, 'procedures[0].milestones[0] (KNEE-7): expected label = "…"'),
        ({"label": "Talk", "date": "TBC", "kind": "meating"}, "did you mean meeting?"),
        ({"label": "Talk", "date": "TBC", "state": "reach"}, "did you mean reached?"),
        ({"label": "Talk", "start": "2024-06-03", "end": "2024-06-01"}, "a day on or after the start"),
        (
            {"label": 7, "date": "TBC"},
            'milestones[0].label (KNEE-7): "7" is not text in quotes: "…"; did you',
        ),
        ({"label": "Talk", "date": ["TBC"]}, 'date (KNEE-7): "a list" is not a date'),
    ],
)
def test_a_mistake_is_said_with_its_path_reference_and_a_guess(names: dict[str, object], said: str) -> None:
    records = with_milestone(**names)
    assert records.snapshots == ()
    assert [said in each for each in sentences(records)] == [True], sentences(records)


def test_every_mistake_of_a_document_is_said_and_the_rest_is_read() -> None:
    wrong = KNEE | {
        "status": "In progres",
        "milestones": [{"label": 7}, {"label": "A", "date": "32 May 2024"}],
    }
    worse = {"reference": "a b", "title": "Shoulders", "status": "Proposed", "email": "none"}
    right = KNEE | {"reference": "HIP-1"}
    records = from_json({"procedures": [wrong, 5, worse, right], "extra": 1})
    assert [each.reference for each in records.snapshots] == ["HIP-1"]
    places = [re.sub(r"^dates\.json: (\S+).*", r"\1", each) for each in sentences(records)]
    assert places == [
        "extra:",
        "procedures[0].milestones[0].label",
        "procedures[0].status",
        "procedures[0].milestones[1].date",
        "procedures[1]:",
        "procedures[2].email",
        "procedures[2].reference",
    ]


def test_a_document_full_of_mistakes_is_refused_as_another_document() -> None:
    with pytest.raises(
        SourceError, match=r"at most 1,000 mistakes in a document; the first: dates.json: proc"
    ):
        from_json({"procedures": [5] * 1001})
    assert len(from_json({"procedures": [5] * 1000}).problems) == 1000


def test_what_is_too_long_to_be_a_schedule_or_a_procedure_is_one_problem() -> None:
    rows = from_json({"procedures": [KNEE | {"milestones": [1] * 1001}]})
    assert [each.split(" is not ")[1] for each in sentences(rows)] == ["a list of at most 1,000 milestones"]
    names = from_json({"procedures": [KNEE | {f"name_{number}": 1 for number in range(60)}]})
    assert sentences(names) == ["dates.json: procedures[0] (KNEE-7): expected at most 50 names"]


def test_of_two_procedures_with_one_reference_neither_is_read() -> None:
    records = from_json({"procedures": [KNEE, KNEE | {"reference": "HIP-1"}, KNEE | {"reference": "knee-7"}]})
    assert [each.reference for each in records.snapshots] == ["HIP-1"]
    assert sentences(records) == [
        'dates.json: procedures[2].reference (knee-7): "knee-7" is not a reference of its own: '
        "procedures[0] has it too"
    ]


def test_a_name_given_twice_is_refused() -> None:
    records = read_json('{"procedures": [], "procedures": []}', name="dates.json", today=TODAY)
    assert sentences(records) == ['dates.json: "procedures" is not given once in its object']


def test_a_document_without_a_list_of_procedures_is_refused_with_a_guess() -> None:
    with pytest.raises(SourceError, match="did you mean procedures"):
        from_json({"procedure": []})
    with pytest.raises(SourceError, match='a list called "procedures"'):
        from_json({"procedures": "KNEE-7"})
    with pytest.raises(SourceError, match="ends in the middle"):
        read_json('{"procedures": [', name="dates.json", today=TODAY)


def test_a_mistake_in_toml_is_said_with_its_line() -> None:
    text = (
        examples()["toml"].replace('"June 2024"', '"32 June 2024"').replace('process = "KN"', 'proces = "KN"')
    )
    assert [each.split(" is ")[0] for each in sentences(read_toml(text, name="dates.toml", today=TODAY))] == [
        'dates.toml:5: "proces"',
        'dates.toml:22: "32 June 2024"',
    ]


def test_a_second_key_is_refused() -> None:
    twice = [
        {"label": "Talk", "date": "TBC", "key": "talk"},
        {"label": "Other", "date": "TBC", "key": "talk"},
    ]
    records = from_json({"procedures": [KNEE | {"milestones": twice}]})
    assert "procedures[0].milestones[0] has it too" in sentences(records)[0]
