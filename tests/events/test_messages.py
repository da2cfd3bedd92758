"""The promised words (promises §5), to the letter, told with the facts of IP1783."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from notifier.events.messages import mail_words
from notifier.events.model import Basis, DateChange, EventKind, Payload
from notifier.events.words import Link, MailWords, Section
from notifier.procedures.model import Dates, MilestoneKind
from tests.events.words_cast import (
    CONSULTATION,
    CORRECTED,
    MEETING,
    OWN_SERVICE,
    PAGE,
    PAYLOADS,
    PUBLICATION,
    SERVICE,
    T,
    at,
    event,
    on,
)

OPENING, CLOSING = date(2022, 10, 14), date(2022, 11, 11)
NOT_YET = PAYLOADS[EventKind.NOT_YET]
SUSPENDED = PAYLOADS[EventKind.SUSPENDED]
TBC = Dates(as_written="TBC")


def words(kind: EventKind, basis: Basis, payload: Payload, today: date) -> MailWords:
    return mail_words([event(kind, basis, payload)], today=today, service=SERVICE)


def only(mail: MailWords) -> Section:
    (section,) = mail.sections
    return section


PROMISED = [
    (
        (EventKind.OPENED, Basis.CONFIRMED, CONSULTATION, OPENING),
        "Comment by 11 Nov: Radiofrequency ablation… (IP1783)",
        f"You can now comment on {T} until 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.OPENED, Basis.CHECKED, CONSULTATION, OPENING),
        "Due to open today: Radiofrequency ablation… (IP1783)",
        f"Comments on {T} are scheduled to open today, Friday 14 October 2022, "
        "and to close on Friday 11 November 2022.",
    ),
    (
        (EventKind.CLOSING_SOON, Basis.CHECKED, CONSULTATION, CLOSING - timedelta(days=7)),
        "7 days left to comment: Radiofrequency ablation… (IP1783)",
        f"One week left: comments on {T} close at 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.CLOSING_SOON, Basis.CONFIRMED, CONSULTATION, CLOSING - timedelta(days=1)),
        "Closes tomorrow, 11 Nov: Radiofrequency ablation… (IP1783)",
        f"Comments on {T} close tomorrow, Friday 11 November 2022, at 5pm.",
    ),
    (
        (EventKind.CLOSED, Basis.CHECKED, CONSULTATION, CLOSING),
        "Comments closed: Radiofrequency ablation… (IP1783)",
        f"The time to comment on {T} ended at 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.MEETING, Basis.SCHEDULED, MEETING, date(2022, 9, 8)),
        "IPAC 1 listed for today: Radiofrequency ablation… (IP1783)",
        f"NICE's advisory committee is scheduled to discuss {T} today, Thursday 8 September 2022.",
    ),
    (
        (EventKind.EXPECTED, Basis.CHECKED, PUBLICATION, date(2023, 3, 29)),
        "Guidance expected today: Radiofrequency ablation… (IP1783)",
        f"NICE's schedule gives today, Wednesday 29 March 2023, for publishing {T}; "
        "we have not seen it published.",
    ),
    (
        (EventKind.NOT_YET, Basis.CHECKED, NOT_YET, date(2023, 3, 30)),
        "Not yet published: Radiofrequency ablation… (IP1783)",
        f"{T} was expected on Wednesday 29 March 2023 and was not on NICE's website "
        "at 8:55am on Thursday 30 March 2023.",
    ),
    (
        (EventKind.PUBLISHED, Basis.CONFIRMED, PUBLICATION, date(2023, 3, 29)),
        "Published: Radiofrequency ablation for palliation… (IP1783)",
        f"NICE has published its guidance on {T} (seen on its website at 9:14am on Wednesday 29 March 2023).",
    ),
    (
        (EventKind.MOVED, Basis.CHECKED, PAYLOADS[EventKind.MOVED], date(2022, 10, 20)),
        "Publication now 24 May: Radiofrequency ablation… (IP1783)",
        f"NICE has changed the expected publication of {T} from 29 March 2023 to 24 May 2023, 8 weeks later.",
    ),
    (
        (EventKind.EXTENDED, Basis.CHECKED, PAYLOADS[EventKind.EXTENDED], date(2022, 10, 20)),
        "More time, to 25 Nov: Radiofrequency ablation… (IP1783)",
        f"You have two more weeks to comment on {T}: until Friday 25 November 2022, not 11 November.",
    ),
    (
        (EventKind.DATE_SET, Basis.CHECKED, PAYLOADS[EventKind.DATE_SET], date(2022, 10, 20)),
        "Date set, 24 May 2023: Radiofrequency ablation… (IP1783)",
        f"NICE now expects to publish {T} on Wednesday 24 May 2023; it had given no date before.",
    ),
    (
        (EventKind.REMOVED, Basis.CHECKED, PAYLOADS[EventKind.REMOVED], date(2022, 10, 20)),
        "Publication date removed: Radiofrequency ablation… (IP1783)",
        f"NICE has removed the expected publication of {T} (it was 29 March 2023) "
        "and has not given a new one.",
    ),
    (
        (EventKind.SUSPENDED, Basis.CHECKED, SUSPENDED, date(2022, 10, 20)),
        "Suspended: Radiofrequency ablation for palliation… (IP1783)",
        f"NICE has suspended work on {T}, so its published dates no longer count.",
    ),
    (
        (EventKind.DISCONTINUED, Basis.CHECKED, SUSPENDED, date(2022, 10, 20)),
        "Discontinued: Radiofrequency ablation… (IP1783)",
        f"NICE has discontinued work on {T}; no guidance is expected from it.",
    ),
    (
        (EventKind.CORRECTION, Basis.CHECKED, CORRECTED, date(2022, 10, 15)),
        "Correction, not open yet: Radiofrequency ablation… (IP1783)",
        f"We told you on 14 October 2022 that comments on {T} were due to open that day; they did not, "
        "and NICE now gives 21 October to 18 November 2022.",
    ),
    (
        (EventKind.OPENED, Basis.CONFIRMED, replace(CONSULTATION, late_days=2), date(2022, 10, 16)),
        "Late: comment by 11 Nov: Radiofrequency ablation… (IP1783)",
        f"You can now comment on {T} until 5pm on Friday 11 November 2022.",
    ),
]


@pytest.mark.parametrize(("told", "subject", "sentence"), PROMISED, ids=[row[1] for row in PROMISED])
def test_the_promised_subject_and_first_sentence_are_kept_to_the_letter(
    told: tuple[EventKind, Basis, Payload, date], subject: str, sentence: str
) -> None:
    mail = words(*told)
    assert mail.subject == subject
    assert only(mail).lead == sentence


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://[x/", "/relative", "https://a.example/ b", ""]
)
def test_a_link_that_is_no_web_address_is_replaced_by_our_own_page(link: str) -> None:
    section = only(words(EventKind.OPENED, Basis.CHECKED, replace(CONSULTATION, link=link), OPENING))
    ours = "https://alerts.example.org/procedures/GID-IPG10158"
    assert section.can_do == (Link(text="See all we know of IP1783", url=ours),)


def test_several_rows_that_changed_are_one_sentence_and_a_count() -> None:
    payload = PAYLOADS[EventKind.MOVED]
    meeting = DateChange(
        kind=EventKind.MOVED,
        milestone_kind=MilestoneKind.MEETING,
        label="IPAC 2",
        old=on(2023, 1, 12),
        new=on(2023, 2, 9),
    )
    section = only(
        words(EventKind.MOVED, Basis.CHECKED, replace(payload, changes=(meeting, *payload.changes)), OPENING)
    )
    assert section.lead.startswith("NICE has changed the expected publication")
    assert section.notes == ("1 other date has changed too.",)
    assert [(row.label, row.value, row.before) for row in section.dates] == [
        ("IPAC 2", "Thursday 9 February 2023", "Thursday 12 January 2023"),
        ("Expected publication", "Wednesday 24 May 2023", "Wednesday 29 March 2023"),
    ]


def test_what_follows_the_first_sentence_is_promised_too() -> None:
    closed = only(words(EventKind.CLOSED, Basis.CHECKED, CONSULTATION, CLOSING))
    assert closed.notes == ("Next: the committee is due to consider the comments on 12 January 2023.",)
    removed = only(words(EventKind.REMOVED, Basis.CHECKED, PAYLOADS[EventKind.REMOVED], OPENING))
    assert removed.notes == ("Its status is still “In progress”; this does not mean that work has stopped.",)
    not_yet = only(words(EventKind.NOT_YET, Basis.CHECKED, NOT_YET, date(2023, 3, 30)))
    assert not_yet.notes == ("We write again when it is published or dated, not before.",)
    published = only(words(EventKind.PUBLISHED, Basis.CONFIRMED, PUBLICATION, date(2023, 3, 29)))
    assert published.notes == ("If you follow only this topic, these alerts end on 28 April 2023.",)


def test_a_late_alert_says_that_it_is_late_why_and_that_the_close_is_the_same() -> None:
    payload = replace(CONSULTATION, late_days=2)
    section = only(words(EventKind.OPENED, Basis.CONFIRMED, payload, date(2022, 10, 16)))
    assert section.notes == (
        "This alert is 2 days late: our service was not running from 14 to 16 October. "
        "The closing date has not changed.",
    )


def test_an_hour_that_the_source_does_not_state_is_only_called_usual() -> None:
    payload = replace(CONSULTATION, time_stated=False)
    opened = only(words(EventKind.OPENED, Basis.CONFIRMED, payload, OPENING))
    habit = "Friday 11 November 2022 (NICE usually closes at 5pm)."
    assert opened.lead == f"You can now comment on {T} until {habit}"
    tomorrow = only(words(EventKind.CLOSING_SOON, Basis.CHECKED, payload, date(2022, 11, 10)))
    assert tomorrow.lead == f"Comments on {T} close tomorrow, {habit}"
    closed = only(words(EventKind.CLOSED, Basis.CHECKED, replace(payload, closes_at=time(12)), CLOSING))
    assert closed.lead == (
        f"The time to comment on {T} ended on Friday 11 November 2022 (NICE usually closes at midday)."
    )


def test_a_scheduled_opening_says_what_was_read_and_what_was_not_seen() -> None:
    section = only(words(EventKind.OPENED, Basis.CHECKED, CONSULTATION, OPENING))
    assert section.how_we_know == (
        "We read NICE's page at 8:55am and it still gave these dates; "
        "we have not seen the consultation itself.",
    )
    assert section.can_do == (Link(text="Look for the consultation on NICE's website", url=PAGE),)


def test_a_third_party_says_so_and_where_its_dates_come_from() -> None:
    line = "This service is not run by NICE. Dates are provisional and come from NICE's website"
    read = words(EventKind.OPENED, Basis.CHECKED, CONSULTATION, OPENING)
    assert read.standing == f"{line}, read at 8:55am on 14 October 2022."
    unread = words(EventKind.OPENED, Basis.SCHEDULED, replace(CONSULTATION, read_at=None), OPENING)
    assert unread.standing == f"{line}, as entered by Example Charity."
    own = mail_words(
        [event(EventKind.OPENED, Basis.CONFIRMED, CONSULTATION)], today=OPENING, service=OWN_SERVICE
    )
    assert "not run by" not in own.standing


def test_a_page_read_on_another_day_is_said_with_that_day() -> None:
    payload = replace(CONSULTATION, read_at=at(2022, 10, 13, 7, 55))
    section = only(words(EventKind.OPENED, Basis.SCHEDULED, payload, OPENING))
    assert section.how_we_know == (
        "We go by NICE's schedule, last read at 8:55am on 13 October 2022; "
        "we have not seen the consultation itself.",
    )
