"""When a source is asked next: at its pace, before its dates speak, and never against its server's word."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from notifier.procedures.check_store import Waiting
from notifier.procedures.source_store import KnownSource
from notifier.settings import Shape as Configured
from notifier.settings import SourceSettings
from notifier.sources.reading import Shape
from notifier.sources.web_source import (
    LEAST_LEAD,
    MOST_LEAD,
    Outlook,
    WebSource,
    is_blind,
    is_unasked,
    next_asking,
    web_source_of,
)
from tests.cast import RULES, london

HOUR = timedelta(hours=1)
SOURCE = WebSource(name="ip1783", url="https://www.nice.org.uk/x", interval=24 * HOUR)
NINE = london(2022, 10, 14)
READ = london(2022, 10, 13, 12)
KNOWN = KnownSource(key=SOURCE.key, read_at=READ, asked_at=READ, next_at=READ + SOURCE.interval)
FAILED = replace(KNOWN, failures=3, asked_at=NINE - HOUR, next_at=NINE + HOUR)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def waiting(
    speaks_at: datetime = NINE, *, checked_at: datetime | None = None, key: str = SOURCE.key
) -> Waiting:
    return Waiting(source_key=key, speaks_at=speaks_at, checked_at=checked_at)


def outlook(
    *found: Waiting, unsettled: datetime | None = None, expected_today: bool = False, key: str = SOURCE.key
) -> Outlook:
    return Outlook(
        waiting=found,
        unsettled={key: unsettled} if unsettled else {},
        expected_today=frozenset({key} if expected_today else ()),
    )


NOTHING = outlook()


def asking(known: KnownSource | None, seen: Outlook, now: datetime) -> datetime:
    return next_asking(SOURCE, known, seen, lead=LEAST_LEAD, rules=RULES, now=now)


@pytest.mark.parametrize("known", [None, KnownSource(key=SOURCE.key, read_at=READ)])
def test_a_source_that_was_never_asked_is_asked_now(known: KnownSource | None) -> None:
    assert asking(known, NOTHING, READ) == READ


@pytest.mark.parametrize(
    ("seen", "at"),
    [
        pytest.param(NOTHING, KNOWN.next_at, id="at its pace"),
        pytest.param(outlook(waiting()), NINE - minutes(5), id="five minutes before a date speaks"),
        pytest.param(
            outlook(waiting(checked_at=NINE - minutes(5))), KNOWN.next_at, id="once for each instant"
        ),
        pytest.param(
            outlook(waiting(checked_at=NINE - minutes(6))), NINE - minutes(5), id="again if that was earlier"
        ),
        pytest.param(
            outlook(waiting(NINE + minutes(15), checked_at=NINE - minutes(5))),
            NINE + minutes(10),
            id="again before it is put off to",
        ),
        pytest.param(
            outlook(waiting(NINE + HOUR), waiting()), NINE - minutes(5), id="for the earliest of several"
        ),
        pytest.param(outlook(waiting(key="web:other")), KNOWN.next_at, id="not for the dates of others"),
        pytest.param(
            outlook(waiting(NINE + 48 * HOUR)), KNOWN.next_at, id="its pace, where that is the sooner"
        ),
        pytest.param(outlook(unsettled=READ + minutes(30)), READ + minutes(30), id="to see a change again"),
        pytest.param(outlook(unsettled=READ - minutes(1)), KNOWN.next_at, id="which it was since it settled"),
        pytest.param(
            outlook(unsettled=READ + minutes(30), key="web:other"),
            KNOWN.next_at,
            id="not for others' changes",
        ),
        pytest.param(outlook(expected_today=True), READ + HOUR, id="hourly while guidance is expected"),
        pytest.param(
            outlook(expected_today=True, key="web:other"), KNOWN.next_at, id="not while others expect theirs"
        ),
    ],
)
def test_a_source_that_was_read_is_asked_next(seen: Outlook, at: datetime) -> None:
    assert asking(KNOWN, seen, READ + minutes(1)) == at


@pytest.mark.parametrize(
    ("asked_at", "at"),
    [
        (london(2022, 10, 13, 15, 59), london(2022, 10, 13, 16, 59)),
        (london(2022, 10, 13, 16, 0), london(2022, 10, 13, 17, 0)),
        (london(2022, 10, 13, 16, 1), KNOWN.next_at),
    ],
)
def test_guidance_is_looked_for_until_five(asked_at: datetime, at: datetime) -> None:
    known = replace(KNOWN, asked_at=asked_at)
    assert asking(known, outlook(expected_today=True), asked_at + minutes(1)) == at


@pytest.mark.parametrize(
    "seen",
    [
        NOTHING,
        outlook(waiting()),
        outlook(unsettled=NINE - minutes(30)),
        outlook(expected_today=True),
        outlook(waiting(NINE - HOUR)),
    ],
)
def test_a_source_that_fails_is_left_in_peace_whatever_is_urgent(seen: Outlook) -> None:
    assert asking(FAILED, seen, NINE) == FAILED.next_at


@pytest.mark.parametrize(
    ("known", "one", "blind"),
    [
        pytest.param(FAILED, waiting(), True, id="it failed, and may not be asked before the date"),
        pytest.param(FAILED, waiting(checked_at=NINE - minutes(5)), False, id="that is noted already"),
        pytest.param(FAILED, waiting(NINE + HOUR), False, id="there is time"),
        pytest.param(FAILED, waiting(key="web:other"), False, id="the date of another source"),
        pytest.param(replace(FAILED, next_at=NINE), waiting(), False, id="it may be asked now"),
        pytest.param(replace(FAILED, failures=0), waiting(), False, id="it did not fail"),
        pytest.param(None, waiting(), False, id="it was never asked"),
    ],
)
def test_a_date_is_blind_whose_source_may_not_be_asked(
    known: KnownSource | None, one: Waiting, blind: bool
) -> None:
    assert is_blind(SOURCE, known, one, lead=LEAST_LEAD, now=NINE) is blind


def test_a_date_is_unasked_from_its_lead_on() -> None:
    lead = {"lead": LEAST_LEAD}
    assert not is_unasked(waiting(), now=NINE - minutes(6), **lead)
    assert is_unasked(waiting(), now=NINE - minutes(5), **lead)
    assert is_unasked(waiting(checked_at=NINE - minutes(6)), now=NINE, **lead)
    assert not is_unasked(waiting(checked_at=NINE - minutes(5)), now=NINE, **lead)


def _sources(count: int) -> Sequence[Waiting]:
    return [waiting(key=f"web:{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("count", "seconds", "lead"),
    [
        (0, 2, LEAST_LEAD),
        (1, 2, LEAST_LEAD),
        (150, 2, minutes(5)),
        (300, 2, minutes(10)),
        (5000, 2, MOST_LEAD),
        (5000, 0, LEAST_LEAD),
    ],
)
def test_the_more_sources_the_earlier_they_are_asked(count: int, seconds: float, lead: timedelta) -> None:
    assert outlook(*_sources(count)).lead(seconds) == lead


def test_two_dates_of_one_source_are_one_question() -> None:
    twice = [waiting(NINE + minutes(number)) for number in range(5000)]
    assert outlook(*twice).lead(2) == LEAST_LEAD


def test_a_source_is_what_its_settings_say(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret\n")
    settings = SourceSettings(
        name="projects",
        url="https://api.example.org/projects",
        shape=Configured.NICE_JSON,
        every_minutes=90,
        api_key_file=str(key),
    )
    assert web_source_of(settings) == WebSource(
        name="projects",
        url="https://api.example.org/projects",
        interval=minutes(90),
        shape=Shape.NICE_JSON,
        headers=(("API-Key", "s3cret"),),
    )


def test_a_page_may_have_its_reference_from_the_settings_and_its_shape_from_itself() -> None:
    settings = SourceSettings(name="p", url="https://example.org/p", reference="GID-IPG1")
    found = web_source_of(settings)
    assert found is not None
    assert (found.key, found.shape, found.reference, found.headers) == ("web:p", None, "GID-IPG1", ())
    assert found.interval == HOUR


def test_our_own_format_is_told_from_the_content() -> None:
    found = web_source_of(SourceSettings(name="p", url="https://example.org/p", shape=Configured.PROCEDURES))
    assert found is not None
    assert found.shape is None


def test_a_folder_is_no_source_of_the_web(tmp_path: Path) -> None:
    assert web_source_of(SourceSettings(name="files", folder=str(tmp_path))) is None
