"""Whether a source may speak for a procedure, and how much of what it says is taken."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from notifier.procedures.model import Coverage, Facts, Milestone, MilestoneState, Procedure, Snapshot, Status
from notifier.sources.admission import Admitted, admit
from notifier.sources.errors import SourceError
from notifier.sources.intake import Origin
from tests.cast import IP1783, consultation, london, publication

NOW = london(2022, 10, 14, 10)
HOUR = timedelta(hours=1)
PAGE, LIST = "web:page", "web:list"
OPEN = replace(consultation(date(2022, 10, 14), date(2022, 11, 11)), state=MilestoneState.REACHED)
STATUS_ONLY = Facts(status=Status.SUSPENDED, title="Another title")


def by(key: str, *, watched: bool = True, read_at: datetime | None = NOW, living: str = "") -> Origin:
    return Origin(
        key=key,
        actor="somebody",
        by_body=read_at is not None,
        page_read_at=read_at,
        watched=watched,
        fetched=watched,
        living=frozenset(living.split()),
    )


BY_PAGE = by(PAGE, living=f"{PAGE} {LIST}")
BY_LIST = by(LIST, living=f"{PAGE} {LIST}")
BY_HAND = by("pages", watched=False, living=f"{PAGE} {LIST}")


def stored(
    *,
    owner: str | None = PAGE,
    covers: Coverage = Coverage.WHOLE,
    read_at: datetime | None = NOW - HOUR,
    as_of: datetime | None = None,
    draft: bool = False,
    milestones: tuple[Milestone, ...] = IP1783.milestones,
) -> Procedure:
    return Procedure(
        id=1,
        slug=IP1783.reference,
        references=(IP1783.reference,),
        facts=IP1783.facts,
        milestones=milestones,
        source_key=owner,
        covers=covers,
        read_at=read_at,
        as_of=as_of,
        draft=draft,
    )


def reading(
    *milestones: Milestone, covers: Coverage = Coverage.WHOLE, facts: Facts = IP1783.facts
) -> Snapshot:
    return replace(IP1783, milestones=milestones or IP1783.milestones, covers=covers, facts=facts)


def refusal(found: Procedure, snapshot: Snapshot, origin: Origin) -> str:
    with pytest.raises(SourceError) as caught:
        admit(found, snapshot, origin)
    return str(caught.value)


def owner_after(found: Procedure | None, snapshot: Snapshot, origin: Origin) -> tuple[str | None, Coverage]:
    provenance = admit(found, snapshot, origin).provenance
    return provenance.source_key, provenance.covers


def test_what_is_seen_for_the_first_time_is_taken_whole() -> None:
    found = admit(None, IP1783, BY_PAGE)
    assert (found.snapshot, found.stored, found.draft, found.is_older) == (IP1783, None, False, False)
    assert (found.provenance.source_key, found.provenance.read_at) == (PAGE, NOW)


@pytest.mark.parametrize("draft", [True, False, None])
def test_a_new_procedure_is_a_draft_only_where_its_source_says_so(draft: bool | None) -> None:
    assert admit(None, replace(IP1783, draft=draft), BY_PAGE).draft is bool(draft)


@pytest.mark.parametrize(
    ("said", "was", "is_draft"),
    [(None, True, True), (None, False, False), (False, True, False), (True, False, True)],
)
def test_a_source_that_is_silent_about_drafts_leaves_them(
    said: bool | None, was: bool, is_draft: bool
) -> None:
    assert admit(stored(draft=was), replace(IP1783, draft=said), BY_PAGE).draft is is_draft


@pytest.mark.parametrize(
    ("found", "snapshot", "origin", "owner", "covers"),
    [
        pytest.param(None, reading(), BY_PAGE, PAGE, Coverage.WHOLE, id="who watches first"),
        pytest.param(None, reading(), BY_HAND, None, Coverage.WHOLE, id="what is imported is nobody's"),
        pytest.param(stored(owner=None), reading(), BY_PAGE, PAGE, Coverage.WHOLE, id="who watches what was"),
        pytest.param(stored(), reading(), BY_HAND, PAGE, Coverage.WHOLE, id="an import takes nothing over"),
        pytest.param(
            stored(owner="web:gone"),
            reading(),
            BY_PAGE,
            PAGE,
            Coverage.WHOLE,
            id="whose owner is watched no more",
        ),
        pytest.param(
            stored(owner=LIST, covers=Coverage.PUBLICATION),
            reading(),
            BY_PAGE,
            PAGE,
            Coverage.WHOLE,
            id="a page takes over from a list",
        ),
        pytest.param(
            stored(),
            reading(covers=Coverage.PUBLICATION),
            BY_LIST,
            PAGE,
            Coverage.WHOLE,
            id="a list from no page",
        ),
        pytest.param(
            stored(owner=None),
            reading(covers=Coverage.PUBLICATION),
            BY_LIST,
            LIST,
            Coverage.PUBLICATION,
            id="a list alone",
        ),
    ],
)
def test_one_source_speaks_for_a_procedure(
    found: Procedure | None, snapshot: Snapshot, origin: Origin, owner: str | None, covers: Coverage
) -> None:
    assert owner_after(found, snapshot, origin) == (owner, covers)


def test_two_watched_pages_do_not_speak_for_one_procedure() -> None:
    said = refusal(stored(), reading(), by("web:twin", living=f"{PAGE} web:twin"))
    assert f'"{PAGE}" speaks for GID-IPG1783 already' in said


def test_a_list_says_nothing_of_a_procedure_with_a_page_of_its_own() -> None:
    found = admit(
        stored(),
        reading(publication(date(2024, 1, 1)), covers=Coverage.PUBLICATION, facts=STATUS_ONLY),
        BY_LIST,
    )
    assert (found.snapshot.milestones, found.snapshot.facts, found.snapshot.covers) == (
        (),
        Facts(),
        Coverage.GIVEN,
    )


@pytest.mark.parametrize(
    ("row", "taken"),
    [
        pytest.param(OPEN, True, id="open on the days of the page"),
        pytest.param(replace(OPEN, key="draft", label="Draft guidance"), True, id="under another name"),
        pytest.param(replace(OPEN, state=MilestoneState.PLANNED), False, id="not open yet"),
        pytest.param(consultation(date(2022, 10, 14), date(2022, 11, 25)), False, id="on other days"),
        pytest.param(
            replace(consultation(date(2022, 10, 14), date(2022, 11, 25)), state=MilestoneState.REACHED),
            False,
            id="open on other days",
        ),
    ],
)
def test_beside_a_page_a_list_of_open_consultations_only_confirms(row: Milestone, taken: bool) -> None:
    found = admit(stored(), reading(row, covers=Coverage.GIVEN, facts=STATUS_ONLY), BY_LIST)
    assert found.snapshot.milestones == ((row,) if taken else ())
    assert found.snapshot.facts == Facts()


def test_what_a_list_confirms_does_not_make_the_page_read() -> None:
    found = admit(stored(), reading(OPEN, covers=Coverage.GIVEN), BY_LIST)
    assert (found.provenance.source_key, found.provenance.read_at) == (PAGE, NOW - HOUR)


@pytest.mark.parametrize(
    ("stored_as_of", "as_of", "stored_read", "read", "is_older"),
    [
        pytest.param(None, None, NOW - HOUR, NOW, False, id="read later"),
        pytest.param(None, None, NOW, NOW - HOUR, True, id="read earlier"),
        pytest.param(None, None, NOW, NOW, False, id="read at the same time"),
        pytest.param(None, None, None, NOW, False, id="never read before"),
        pytest.param(None, None, NOW, None, False, id="typed by an operator"),
        pytest.param(NOW, NOW - HOUR, NOW - HOUR, NOW, True, id="changed earlier, by its own word"),
        pytest.param(NOW - HOUR, NOW, NOW, NOW - HOUR, False, id="changed later, though read earlier"),
        pytest.param(NOW, NOW, NOW - HOUR, NOW, False, id="of the same age"),
        pytest.param(NOW, None, NOW - HOUR, NOW, False, id="without a word of its own, by when it was read"),
    ],
)
def test_an_older_reading_is_known_by_its_own_word_or_by_when_it_was_read(
    stored_as_of: datetime | None,
    as_of: datetime | None,
    stored_read: datetime | None,
    read: datetime | None,
    is_older: bool,
) -> None:
    found = admit(
        stored(read_at=stored_read, as_of=stored_as_of), replace(IP1783, as_of=as_of), by(PAGE, read_at=read)
    )
    assert found.is_older is is_older
    if is_older:
        assert (found.provenance.read_at, found.provenance.as_of) == (stored_read, stored_as_of)


def _lost(*, read_at: datetime | None, covers: Coverage = Coverage.WHOLE) -> Admitted:
    snapshot = replace(IP1783, milestones=(), covers=covers)
    return admit(stored(), snapshot, by(PAGE, read_at=read_at))


def test_a_page_that_lost_its_whole_schedule_is_refused() -> None:
    said = refusal(stored(), replace(IP1783, milestones=()), BY_PAGE)
    assert "4 dates of GID-IPG1783 are stored" in said


def test_an_operator_may_take_a_whole_schedule_back() -> None:
    assert _lost(read_at=None).snapshot.milestones == ()


@pytest.mark.parametrize("covers", [Coverage.GIVEN, Coverage.PUBLICATION])
def test_what_never_gives_a_whole_schedule_loses_none(covers: Coverage) -> None:
    assert _lost(read_at=NOW, covers=covers).snapshot.milestones == ()


def test_a_page_whose_schedule_was_empty_before_is_taken() -> None:
    assert admit(stored(milestones=()), replace(IP1783, milestones=()), BY_PAGE).stored is not None
