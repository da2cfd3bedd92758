"""Invented records of NICE's in-development feed, and reading them."""

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from notifier.sources.nice.indev import read_records
from notifier.sources.records import Records

ZONE = ZoneInfo("Europe/London")
TODAY = date(2024, 2, 1)
REAL = Path(__file__).parents[3].parent / "shared" / "inputs" / "nice-indev"

PROJECT: dict[str, object] = {
    "Reference": "GID-IPG1",
    "Title": "Cold light on  knees [ID9]\r\n",
    "Status": "InProgress",
    "Process": "IP",
    "TechnologyType": "Procedure",
    "IdNumber": "1900",
    "TopicSelectionDecision": "Selected",
    "PublishedDate": "2024-07-10T00:00:00",
    "LastModifiedDate": "2024-01-31T17:00:00.1234567",
}


def row(label: str, date: str, **more: object) -> dict[str, object]:
    return {"Column1": label, "Column2": date, "AdditionalInfo": None, "Hidden": False} | more


def embedding(**lists: object) -> dict[str, object]:
    """Embed each list as the feed does: in an object that is called "…-list"."""
    kinds = {name.replace("_", "-"): rows for name, rows in lists.items()}
    return {
        "_embedded": {
            f"nice.indev:{kind}-list": {"_embedded": {f"nice.indev:{kind}": rows}}
            for kind, rows in kinds.items()
        }
    }


def read(document: object, today: date = TODAY) -> Records:
    return read_records(json.dumps(document), name="feed.json", zone=ZONE, today=today)


def listed(*projects: object, **more: object) -> Records:
    return read({"_embedded": {"nice.indev:indevelopment-project": list(projects)}} | more)


def said(records: Records) -> list[str]:
    return [str(problem) for problem in records.problems]
