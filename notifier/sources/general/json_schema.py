"""The document of procedures that any body can write, as types: what is checked is what the schema says.

JSON, TOML and CSV carry the same document; `docs/procedures.md` explains it by example.
"""

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from notifier.procedures.model import MilestoneKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MOST_MILESTONES = 1000
"""Rows of one schedule; the longest in use has about thirty."""

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_TIME = re.compile(r"\d\d:\d\d:\d\d", re.ASCII)


def _day(value: object) -> object:
    """Read "2022-10-14", which TOML alone can write as a day; leave anything else as it is."""
    is_day = isinstance(value, str) and _ISO_DAY.fullmatch(value.strip())
    return date.fromisoformat(value.strip()) if is_day and isinstance(value, str) else value


def _hour(value: object) -> object:
    is_hour = isinstance(value, str) and _ISO_TIME.fullmatch(value.strip())
    return time.fromisoformat(value.strip()) if is_hour and isinstance(value, str) else value


_Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
_DayOrText = Annotated[date | str, BeforeValidator(_day), WithJsonSchema({"type": "string", "minLength": 1})]
_HourOrText = Annotated[
    time | str, BeforeValidator(_hour), WithJsonSchema({"type": "string", "minLength": 1})
]
_Kind = Annotated[
    MilestoneKind, Field(strict=False), WithJsonSchema({"type": "string", "enum": list(MilestoneKind)})
]


def _plainly(schema: JsonDict) -> None:
    """Say of each name only that it can be left out: that null is taken for the same is no promise."""
    properties = schema["properties"]
    for described in properties.values() if isinstance(properties, dict) else ():
        if isinstance(described, dict):
            described.pop("title", None)
            described.pop("default", None)
            either = described.pop("anyOf", None)
            if isinstance(either, list) and isinstance(either[0], dict):
                described.update(either[0])


def _one_date(schema: JsonDict) -> None:
    _plainly(schema)
    schema["oneOf"] = [{"required": ["date"]}, {"required": ["start"]}]
    schema["dependentRequired"] = {"end": ["start"]}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_plainly)


class MilestoneEntry(_Entry):
    """One row of a schedule. It has either "date" or "start"; a row that is left out counts as removed."""

    model_config = ConfigDict(title="Milestone", json_schema_extra=_one_date)

    label: str = Field(
        description="The step, as the body calls it.", examples=["Expected publication"], min_length=1
    )
    date: _DayOrText | None = Field(
        None,
        description=(
            "The date as the body writes it: a day, a range with a dash, a month, or TBC. "
            "Months and TBC are shown and never announced."
        ),
        examples=["2022-09-08", "14 October 2022 - 11 November 2022", "March 2023", "TBC"],
    )
    start: _Day | None = Field(None, description='The first day, instead of "date".', examples=["2022-10-14"])
    end: _Day | None = Field(None, description='The last day of a range that has "start".')
    closes_at: _HourOrText | None = Field(
        None,
        description="The time of day at which a range closes, only where the body states one.",
        examples=["17:00", "5pm"],
    )
    kind: _Kind | None = Field(None, description="What kind of step it is; without it, the label tells.")
    key: str | None = Field(
        None,
        description="Keeps a row the same row when its label changes; without it, made from the label.",
        examples=["ipac-1"],
        json_schema_extra={"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80},
    )
    state: Literal["planned", "reached"] | None = Field(
        None, description='"reached": the body itself says that it happened.'
    )


class ProcedureEntry(_Entry):
    """One procedure with its whole schedule."""

    model_config = ConfigDict(title="Procedure")

    reference: str = Field(
        description="The first reference that the body gave. Addresses are made from it and never change.",
        examples=["GID-IPG10158"],
        json_schema_extra={"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
    )
    title: str = Field(description="Quoted in every alert as it stands here.", min_length=1)
    status: str = Field(
        description=(
            "The body's own word. Dates speak while it is Proposed, Awaiting development, Topic selection, "
            "Referred or In progress; they are shown and stay silent for every other."
        ),
        examples=["In progress"],
        min_length=1,
    )
    process: str | None = Field(None, description='With the ID number this makes "IP1783".', examples=["IP"])
    id_number: str | None = Field(None, description="The number people know.", examples=["1783"])
    technology_type: str | None = None
    decision: str | None = None
    description: str | None = Field(None, description="Shown on the procedure's page only.")
    email: str | None = Field(None, description="The body's address for questions.")
    link: str | None = Field(None, description="Where people can read more and act.")
    referral_date: _DayOrText | None = Field(None, description="One day.", examples=["2021-11-30"])
    draft: bool | None = Field(None, description="Keeps it out of pages, feeds, calendar and mail.")
    milestones: list[MilestoneEntry] = Field(
        default_factory=list, description="The whole schedule, in order.", max_length=MOST_MILESTONES
    )


class ProceduresDocument(_Entry):
    """Procedures with dated milestones, as `notifier` reads them."""

    model_config = ConfigDict(title="Procedures")

    schema_address: str | None = Field(None, alias="$schema", description="For editors; not read.")
    procedures: list[ProcedureEntry]


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of the document, in the dialect of draft 2020-12."""
    return {"$schema": DIALECT, **ProceduresDocument.model_json_schema()}
