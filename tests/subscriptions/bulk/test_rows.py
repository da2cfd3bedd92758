"""Each row says whom it is for, what they follow, and where and when they consented; or it is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.subscriptions.bulk.rows import COLUMNS, Refused, Row, Wanted, read_row
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.subscriptions.bulk.list_cast import GOOD, KNOWN, row


def _wanted(**cells: str) -> Wanted:
    found = read_row(row(**cells), KNOWN)
    assert isinstance(found, Wanted), found
    return found


def _problems(**cells: str) -> list[str]:
    found = read_row(row(**cells), KNOWN)
    assert isinstance(found, Refused), found
    return [str(problem) for problem in found.problems]


def test_what_a_row_leaves_out_is_as_usual() -> None:
    found = _wanted()
    assert (found.address, found.topic) == ("ada@example.org", procedure_topic(1))
    assert (found.preset, found.rhythm, found.language, found.reminders) == (
        "deadlines",
        Rhythm.AT_ONCE,
        "en",
        True,
    )
    assert (found.consent_source, found.consent_date) == ("paper form, open day", date(2022, 9, 3))


def test_what_a_row_says_is_taken() -> None:
    found = _wanted(
        address=" Ada@Bücher.Example ",
        follows="process: MTG",
        preset="Every step",
        rhythm="At once",
        language="cy",
        reminders="No",
    )
    assert (found.address, found.address_key) == (
        "Ada@xn--bcher-kva.example",
        "ada@xn--bcher-kva.example",
    )
    assert found.topic == Topic(kind=TopicKind.PROCESS, value="mtg")
    assert (found.preset, found.rhythm, found.language, found.reminders) == (
        "every-step",
        Rhythm.AT_ONCE,
        "cy",
        False,
    )


@pytest.mark.parametrize(
    ("follows", "topic", "rhythm"),
    [
        ("ipg800", procedure_topic(1), Rhythm.AT_ONCE),
        ("ALL", EVERYTHING, Rhythm.DAILY),
        ("technology:Medicine", Topic(kind=TopicKind.TECHNOLOGY, value="medicine"), Rhythm.DAILY),
        ("process:ip", Topic(kind=TopicKind.PROCESS, value="ip"), Rhythm.DAILY),
    ],
)
def test_one_procedure_is_mailed_at_once_and_more_of_them_daily(
    follows: str, topic: Topic, rhythm: Rhythm
) -> None:
    found = _wanted(follows=follows)
    assert (found.topic, found.rhythm) == (topic, rhythm)


@pytest.mark.parametrize("name", ["address", "follows", "consent_source", "consent_date"])
def test_a_row_without_what_is_needed_is_refused(name: str) -> None:
    assert _problems(**{name: " "}) == [f"{name} is missing"]


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("Ada Lovelace <ada@example.org>", "ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("ada@example,org", "ada@example.org"),
        ("ada@example..org", "ada@example.org"),
        ("ada@@example.org", "ada@example.org"),
        ("ada @ example.org", "ada@example.org"),
        ("ada (at) example (dot) org", "ada@example.org"),
        ("ada at example dot org", "ada@example.org"),
        ("ada@example.org;", "ada@example.org"),
    ],
)
def test_a_slip_in_an_address_is_named_with_what_was_meant(address: str, meant: str) -> None:
    [problem] = _problems(address=address)
    assert problem.startswith(f"address “{address}” is none (")
    assert problem.endswith(f"did you mean “{meant}”?")


def test_an_address_that_nothing_can_be_made_of_is_only_refused() -> None:
    [problem] = _problems(address="Ada")
    assert "did you mean" not in problem


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (
            {"follows": "GID-IPG1738"},
            "no procedure here has the reference GID-IPG1738; did you mean “GID-IPG1783”?",
        ),
        (
            {"follows": "IP1783"},
            "follows “IP1783” is an ID number: name the reference GID-IPG1783; did you mean “GID-IPG1783”?",
        ),
        ({"follows": "ID7"}, "follows “ID7” is an ID number: name the reference GID-TA2 or GID-TA3"),
        (
            {"follows": "process:MTGs"},
            "follows “process:MTGs” names no process of any procedure here; did you mean “process:mtg”?",
        ),
        (
            {"follows": "technology:Shoe"},
            "follows “technology:Shoe” names no technology of any procedure here",
        ),
        (
            {"follows": "proces:ip"},
            "follows “proces:ip” is no reference, “process:NAME”, “technology:NAME” or “all”; "
            "did you mean “process:ip”?",
        ),
        (
            {"preset": "opening"},
            "preset “opening” is none of deadlines, openings, every-step; did you mean “openings”?",
        ),
        (
            {"rhythm": "dayly"},
            "rhythm “dayly” is none of at-once, daily, weekly; did you mean “daily”?",
        ),
        ({"reminders": "maybe"}, "reminders “maybe” is none of yes, no, true, false"),
        ({"language": "English"}, "language “English” is no language tag such as “en” or “cy”"),
        (
            {"consent_date": "03/09/2022"},
            "consent_date “03/09/2022” is no day such as 2022-09-03; did you mean “2022-09-03”?",
        ),
        (
            {"consent_date": "3 September 2022"},
            "consent_date “3 September 2022” is no day such as 2022-09-03; did you mean “2022-09-03”?",
        ),
        ({"consent_date": "soon"}, "consent_date “soon” is no day such as 2022-09-03"),
        ({"consent_date": "2022-10-15"}, "consent_date “2022-10-15” has not come yet"),
        ({"consent_source": "x" * 301}, "consent_source is longer than 300 characters"),
    ],
)
def test_each_mistake_is_named_with_what_was_probably_meant(cells: dict[str, str], problem: str) -> None:
    assert _problems(**cells) == [problem]


def test_everything_that_is_wrong_with_a_row_is_said_at_once() -> None:
    assert len(_problems(address="", follows="", preset="x", rhythm="y", consent_date="z")) == 5


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=40)))
def test_whatever_a_row_holds_it_is_taken_or_refused(cells: dict[str, str]) -> None:
    found = read_row(Row(line=2, cells=GOOD | cells), KNOWN)
    assert isinstance(found, Wanted) or found.problems


def test_a_reference_that_no_procedure_has_is_told_as_such() -> None:
    assert _problems(follows="GID-T1") == [
        "no procedure here has the reference GID-T1; did you mean “GID-TA2”?"
    ]
    assert _problems(follows="NG9999") == ["no procedure here has the reference NG9999"]
