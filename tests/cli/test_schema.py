"""`notifier schema procedures`: the document described for editors, by the types that check it."""

import json

import pytest
import typer
from typer.testing import CliRunner

from notifier.cli.schema import schema

APP = typer.Typer()
APP.command()(schema)


def printed() -> dict[str, object]:
    result = CliRunner().invoke(APP, ["procedures"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_the_schema_is_printed_as_json_of_its_dialect() -> None:
    found = printed()
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["required"] == ["procedures"]


def test_a_document_that_is_not_known_is_refused() -> None:
    result = CliRunner().invoke(APP, ["proceedings"])
    assert result.exit_code == 2


EXAMPLE = {
    "procedures": [
        {
            "reference": "KNEE-7",
            "title": "Cold light on knees",
            "status": "In progress",
            "milestones": [
                {"label": "Consultation", "start": "2024-04-18", "end": "2024-05-16", "kind": "consultation"},
                {"label": "Expected publication", "date": "TBC"},
            ],
        }
    ]
}
WRONG = (
    {},
    {"procedures": [{"reference": "KNEE-7", "title": "Cold light on knees"}]},
    {"procedures": [EXAMPLE["procedures"][0] | {"milestones": [{"label": "Meeting"}]}]},
    {"procedures": [EXAMPLE["procedures"][0] | {"milestones": [{"lable": "Meeting", "date": "TBC"}]}]},
    {"procedures": [EXAMPLE["procedures"][0] | {"milestones": [{"label": "A", "date": "TBC", "kind": "x"}]}]},
    {"procedures": [EXAMPLE["procedures"][0] | {"milestones": [{"label": "A", "date": "TBC", "end": "x"}]}]},
    {"procedures": [EXAMPLE["procedures"][0] | {"id_number": 7}]},
)


def test_another_validator_takes_the_example_and_refuses_what_is_wrong() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(printed())
    validator.check_schema(printed())
    assert validator.is_valid(EXAMPLE)
    assert [validator.is_valid(each) for each in WRONG] == [False] * len(WRONG)
