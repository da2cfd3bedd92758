"""One document of procedures written as JSON, as TOML and as CSV reads the same."""

import csv
import io
import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.model import Snapshot
from notifier.sources.general.csv_form import COLUMNS, read_csv
from notifier.sources.general.json_form import read_json, read_toml
from notifier.sources.records import Records
from tests.growth import LINEAR, growth

TODAY = date(2024, 2, 1)

KNEE: dict[str, object] = {"reference": "KNEE-7", "title": "Cold light on knees", "status": "In progress"}


def from_json(document: object) -> Records:
    return read_json(json.dumps(document), name="dates.json", today=TODAY)


WORDS = st.text(st.characters(categories=["L", "N", "Zs"], include_characters=",;\"'\n"), max_size=30).map(
    lambda text: f"A {text} z"
)
DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
MILESTONES = st.one_of(
    st.fixed_dictionaries({"label": WORDS, "date": st.sampled_from(["TBC", "June 2024", "3 March 2025"])}),
    st.fixed_dictionaries({"label": WORDS, "start": DAYS.map(str)}, optional={"state": st.just("reached")}),
    st.tuples(WORDS, DAYS, DAYS).map(
        lambda each: {
            "label": each[0],
            "start": str(min(each[1:])),
            "end": str(max(each[1:])),
            "closes_at": "5pm",
        }
    ),
)
PROCEDURES = st.lists(
    st.fixed_dictionaries(
        {
            "reference": st.from_regex(r"[A-Z]{2}-[0-9]{1,6}", fullmatch=True),
            "title": WORDS,
            "status": st.sampled_from(["In progress", "Suspended", "Some other word"]),
            "milestones": st.lists(MILESTONES, max_size=4),
        },
        optional={"process": st.just("IP"), "id_number": st.just("7"), "draft": st.booleans()},
    ),
    max_size=4,
    unique_by=lambda each: each["reference"],
)


def as_toml(procedures: list[dict[str, object]]) -> str:
    lines: list[str] = []
    for each in procedures:
        lines += [
            "[[procedures]]",
            *(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in each.items() if k != "milestones"),
        ]
        rows = each["milestones"]
        for row in rows if isinstance(rows, list) else ():
            lines += [
                "[[procedures.milestones]]",
                *(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in row.items()),
            ]
    return "\n".join(lines) or "procedures = []"


def as_csv(procedures: list[dict[str, object]], delimiter: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    for each in procedures:
        facts = {name: str(value) for name, value in each.items() if name != "milestones"}
        rows = each["milestones"]
        for row in (rows if isinstance(rows, list) else []) or [{}]:
            writer.writerow(facts | row)
    return out.getvalue()


@given(PROCEDURES, st.sampled_from(",;"))
def test_a_document_written_in_each_form_reads_the_same(
    procedures: list[dict[str, object]], delimiter: str
) -> None:
    as_json = from_json({"procedures": procedures})
    assert (as_json.problems, len(as_json.snapshots)) == ((), len(procedures))
    assert read_toml(as_toml(procedures), name="dates.toml", today=TODAY) == as_json
    assert read_csv(as_csv(procedures, delimiter), name="dates.csv", today=TODAY) == as_json


def test_reading_takes_time_in_proportion_to_the_document() -> None:
    def work(count: int) -> tuple[Snapshot, ...]:
        row = {"label": "Talk", "date": "14 October 2024 - 11 November 2024"}
        several = [KNEE | {"reference": f"K-{number}", "milestones": [row] * 3} for number in range(count)]
        return from_json({"procedures": several}).snapshots

    assert growth(work, small=200) < LINEAR
