"""The record of one project in NICE's in-development feed. The records are invented."""

from datetime import UTC, date, datetime

import pytest

from notifier.procedures.model import Coverage, Passage, Precision, Snapshot, Status
from notifier.sources.nice.indev import read_records
from tests.sources.nice.indev_records import PROJECT, REAL, ZONE, embedding, read, row, said


def project(**changes: object) -> Snapshot:
    records = read(PROJECT | changes)
    assert records.problems == ()
    return records.snapshots[0]


def scheduled(*rows: object) -> list[str]:
    found = project(**embedding(provisional_schedule=list(rows)), PublishedDate=None)
    return [milestone.label for milestone in found.milestones]


def test_the_facts_of_a_record_are_read() -> None:
    found = project(
        **embedding(email_enquiry={"Item": "knees@example.org"}), ReferralDate="2023-05-04T00:00:00"
    )
    facts = found.facts
    assert (found.reference, facts.title, found.covers) == (
        "GID-IPG1",
        "Cold light on knees [ID9]",
        Coverage.WHOLE,
    )
    assert (facts.status, facts.status_as_written) == (Status.IN_PROGRESS, "InProgress")
    assert (facts.process, facts.id_number, facts.technology_type) == ("IP", "1900", "Procedure")
    assert (facts.decision, facts.email) == ("Selected", "knees@example.org")
    assert facts.link == "https://www.nice.org.uk/guidance/indevelopment/gid-ipg1"
    assert facts.referral_date == date(2023, 5, 4)
    assert found.as_of == datetime(2024, 1, 31, 17, 0, 0, 123456, tzinfo=UTC)


def test_stamps_are_in_the_zone_of_the_feed() -> None:
    found = project(LastModifiedDate="2023-07-01T00:30:00")
    assert found.as_of == datetime(2023, 6, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [None, "", "0001-01-01T00:00:00", "2031-01-01T00:00:00", "yesterday", {}])
def test_a_stamp_that_cannot_be_believed_dates_no_reading(stamp: object) -> None:
    assert project(LastModifiedDate=stamp).as_of is None


@pytest.mark.parametrize("written", ["November 2005", "", None, "31 June 2023", "1 May 2023 - 3 May 2023"])
def test_a_referral_without_an_exact_day_has_none(written: object) -> None:
    assert project(ReferralDate=written).facts.referral_date is None


def test_a_legacy_record_gives_its_process_as_developed_as() -> None:
    assert project(Process=None, DevelopedAs="CG").facts.process == "CG"


def test_markup_becomes_text_and_other_texts_become_passages() -> None:
    found = project(
        **embedding(topic=[{"Item": "Knees"}, {"Item": "Light"}]),
        Description="<p>Cold&nbsp;light is <em>shone</em>.</p><p>If p < 0.05 &amp; so on.</p>",
        Summary="<p>Notified.</p>",
        TopicSelectionReason="Anticipate",
    )
    assert found.facts.description == "Cold light is shone.\n\nIf p < 0.05 & so on."
    assert found.passages == (
        Passage(heading="Summary", text="Notified."),
        Passage(heading="Reason for decision", text="Anticipate"),
        Passage(heading="Topic area", text="Knees, Light"),
    )


def test_a_summary_stands_for_a_missing_description() -> None:
    found = project(Description="", Summary="<p>Notified.</p>")
    assert (found.facts.description, found.passages) == ("Notified.", ())


def test_why_work_stopped_is_kept_unless_it_only_repeats_the_status() -> None:
    assert (
        project(SuspendDiscontinuedReason="<p>The maker withdrew.</p>").facts.reason == "The maker withdrew."
    )
    assert project(SuspendDiscontinuedReason="Discontinued").facts.reason is None


def test_a_published_product_is_an_alias_and_when_complete_the_link() -> None:
    found = project(ProductReference="IPG749", Status="Complete")
    assert (found.aliases, found.facts.link) == (("IPG749",), "https://www.nice.org.uk/guidance/ipg749")
    still = project(ProductReference="IPG749")
    assert still.facts.link == "https://www.nice.org.uk/guidance/indevelopment/gid-ipg1"


def test_hidden_rows_are_left_out_and_one_row_may_stand_for_a_list() -> None:
    assert scheduled(row("IPAC 1", "14 March 2024"), row("IPAC 2", "TBC", Hidden=True)) == ["IPAC 1"]
    alone = project(**embedding(provisional_schedule=row("IPAC 1", "14 March 2024")))
    assert alone.milestones[0].label == "IPAC 1"


@pytest.mark.parametrize(
    ("label", "number", "complete"),
    [
        ("Committee meeting", "2", "Committee meeting: 2"),
        ("Committee meeting:", 2, "Committee meeting: 2"),
        ("Committee meeting: 2", "2", "Committee meeting: 2"),
        ("IPAC 1", "1", "IPAC 1"),
        ("Draft guidance: 2", "1", "Draft guidance: 2"),
        ("2nd committee meeting", "2", "2nd committee meeting"),
        ("Committee meeting", None, "Committee meeting"),
        ("Committee meeting", "to follow", "Committee meeting"),
    ],
)
def test_a_meeting_number_completes_a_label_once(label: str, number: object, complete: str) -> None:
    meeting = row(label, "14 March 2024", AdditionalInfoLabel="Meeting number", AdditionalInfo=number)
    assert scheduled(meeting) == [complete]


def test_a_label_without_markup_or_colon_has_its_date_bold_or_not() -> None:
    found = project(**embedding(provisional_schedule=[row("<b>Closing date:</b>", "<strong>TBC</strong>")]))
    closing = found.milestones[0]
    assert (closing.label, closing.dates.precision) == ("Closing date", Precision.UNKNOWN)
    assert closing.dates.as_written == "TBC"


def test_a_day_of_publication_is_added_where_the_schedule_has_none() -> None:
    found = project(**embedding(provisional_schedule=[row("IPAC 1", "14 March 2024")]))
    assert [(each.key, each.dates.start) for each in found.milestones] == [
        ("ipac-1", date(2024, 3, 14)),
        ("expected-publication", date(2024, 7, 10)),
    ]
    own = project(**embedding(provisional_schedule=[row("Expected publication", "11 July 2024")]))
    assert [each.dates.start for each in own.milestones] == [date(2024, 7, 11)]


def test_a_row_that_cannot_be_read_refuses_the_record_because_it_would_be_withdrawn() -> None:
    rows = [row("IPAC 1", "32 March 2024"), row("IPAC 2", "04 February 20"), row("", "14 March 2024")]
    records = read(PROJECT | embedding(provisional_schedule=[*rows, "IPAC 3"]))
    assert (records.snapshots, len(records.problems)) == ((), 1)
    assert 'provisional-schedule[3] (GID-IPG1): "IPAC 3" is not an object' in said(records)[0]
    problems = said(read(PROJECT | embedding(provisional_schedule=rows)))
    assert [each.split(":")[1].split("provisional-schedule")[-1] for each in problems] == [
        "[0].Column2 (GID-IPG1)",
        "[1].Column2 (GID-IPG1)",
        "[2].Column1 (GID-IPG1)",
    ]


def test_the_timeline_is_newest_first_whichever_way_it_is_written() -> None:
    rows = [
        row("13 April 2022", "<p>Scope<br>published</p>"),
        row("November 2022", "A pause"),
        row("09 December 2022 - 06 January 2023", "Consultation"),
    ]
    newest = project(**embedding(timeline=rows)).timeline
    assert newest == project(**embedding(timeline=rows[::-1])).timeline
    assert [(each.start, each.end, each.text) for each in newest] == [
        (date(2022, 12, 9), date(2023, 1, 6), "Consultation"),
        (None, None, "November 2022: A pause"),
        (date(2022, 4, 13), None, "Scope published"),
    ]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real records are not here")
@pytest.mark.parametrize(
    ("name", "rows", "entries"),
    [
        ("gid-dg10049", 2, 5),
        ("gid-hst10037", 0, 5),
        ("gid-ip1153", 0, 1),
        ("gid-ipg10248", 3, 2),
        ("gid-qs10170", 1, 5),
        ("gid-ta10914", 3, 5),
        ("gid-ta11102", 3, 6),
        ("gid-tag383", 3, 2),
    ],
)
def test_every_real_record_is_read_whole(name: str, rows: int, entries: int) -> None:
    text = (REAL / f"{name}.json").read_text("utf-8")
    records = read_records(text, name=name, zone=ZONE, today=date(2023, 2, 22))
    assert records.problems == ()
    found = records.snapshots[0]
    assert (found.reference.lower(), len(found.milestones), len(found.timeline)) == (name, rows, entries)
    days = [each.start for each in found.timeline if each.start]
    assert days[0] >= days[-1]
