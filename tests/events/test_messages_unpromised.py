"""What the promises leave open, said in their manner."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind, Payload
from notifier.events.words import MailWords, Section
from notifier.procedures.model import Dates, MilestoneKind
from tests.events.words_cast import (
    CONSULTATION,
    MEETING,
    PAYLOADS,
    PUBLICATION,
    SERVICE,
    WINDOW,
    T,
    between,
    changing,
    consultation_change,
    event,
    in_month,
    moved_publication,
    on,
)

OPENING, CLOSING = date(2022, 10, 14), date(2022, 11, 11)
NOT_YET = PAYLOADS[EventKind.NOT_YET]
SUSPENDED = PAYLOADS[EventKind.SUSPENDED]
SET = EventKind.DATE_SET
TBC = Dates(as_written="TBC")


def words(kind: EventKind, basis: Basis, payload: Payload, today: date) -> MailWords:
    return mail_words([event(kind, basis, payload)], today=today, service=SERVICE)


def only(mail: MailWords) -> Section:
    (section,) = mail.sections
    return section


BETWEEN_THE_LINES = [
    (
        (EventKind.CLOSING_SOON, Basis.CHECKED, CONSULTATION, date(2022, 11, 12)),
        "Comments closed",
        f"The time to comment on {T} ended at 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.OPENED, Basis.CHECKED, CONSULTATION, date(2022, 11, 12)),
        "Comments closed",
        f"The time to comment on {T} ended at 5pm on Friday 11 November 2022.",
    ),
    (
        (
            EventKind.OPENED,
            Basis.CONFIRMED,
            replace(CONSULTATION, learnt_on=date(2022, 10, 18)),
            date(2022, 10, 18),
        ),
        "Comment by 11 Nov",
        "Open for comment; we learnt of it on Tuesday 18 October 2022: "
        f"you can comment on {T} until 5pm on Friday 11 November 2022.",
    ),
    (
        (
            EventKind.OPENED,
            Basis.CHECKED,
            replace(CONSULTATION, learnt_on=date(2022, 10, 18)),
            date(2022, 10, 18),
        ),
        "Comment by 11 Nov",
        "Scheduled; we learnt of it on Tuesday 18 October 2022: NICE's schedule gives "
        f"Friday 14 October to Friday 11 November 2022 for comments on {T}.",
    ),
    (
        (EventKind.OPENED, Basis.CHECKED, replace(CONSULTATION, late_days=2), date(2022, 10, 16)),
        "Late: comment by 11 Nov",
        f"Comments on {T} were scheduled to open on Friday 14 October 2022, "
        "and to close on Friday 11 November 2022.",
    ),
    (
        (EventKind.CLOSING_SOON, Basis.CHECKED, CONSULTATION, date(2022, 11, 3)),
        "8 days left to comment",
        f"8 days left: comments on {T} close at 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.CLOSING_SOON, Basis.CHECKED, replace(CONSULTATION, deadline=date(2022, 11, 14)), CLOSING),
        "Closes on Monday, 14 Nov",
        f"Comments on {T} close at 5pm on Monday 14 November 2022.",
    ),
    (
        (EventKind.CLOSING_SOON, Basis.CHECKED, CONSULTATION, CLOSING),
        "Closes today, 11 Nov",
        f"Comments on {T} close today, Friday 11 November 2022, at 5pm.",
    ),
    (
        (EventKind.CLOSING_SOON, Basis.CHECKED, WINDOW, date(2022, 11, 3)),
        "8 days left",
        f"8 days left: “Appeal” for {T} ends at 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.OPENED, Basis.CONFIRMED, WINDOW, OPENING),
        "Open to 11 Nov",
        f"“Appeal” is open for {T} until 5pm on Friday 11 November 2022.",
    ),
    (
        (EventKind.MEETING, Basis.CONFIRMED, MEETING, date(2022, 9, 9)),
        "Discussed at IPAC 1",
        f"{T} was discussed by NICE's advisory committee on Thursday 8 September 2022.",
    ),
    (
        (EventKind.NOT_YET, Basis.SCHEDULED, replace(NOT_YET, read_at=None), date(2023, 3, 30)),
        "Not seen published yet",
        f"{T} was expected on Wednesday 29 March 2023; we have not seen it published, "
        "and we cannot read NICE's website to check.",
    ),
    (
        (EventKind.EXPECTED, Basis.CONFIRMED, PUBLICATION, date(2023, 3, 29)),
        "Published",
        f"NICE has published its guidance on {T} (seen on its website at 9:14am on Wednesday 29 March 2023).",
    ),
    (
        (EventKind.REACHED, Basis.SCHEDULED, PAYLOADS[EventKind.REACHED], date(2022, 9, 8)),
        "Resolution listed for today",
        f"NICE's schedule gives today, Thursday 8 September 2022, for the resolution of {T}.",
    ),
    (
        (EventKind.DATE_ADDED, Basis.CHECKED, PAYLOADS[EventKind.DATE_ADDED], date(2022, 10, 20)),
        "New date, 24 May 2023",
        f"NICE has added a date for {T}: Expected publication, Wednesday 24 May 2023.",
    ),
    (
        (
            EventKind.DATE_SET,
            Basis.CHECKED,
            moved_publication(in_month(2023, 5), on(2023, 5, 24), SET),
            OPENING,
        ),
        "Date set, 24 May 2023",
        f"NICE now expects to publish {T} on Wednesday 24 May 2023; it had given only May 2023 before.",
    ),
    (
        (EventKind.MOVED, Basis.CHECKED, moved_publication(on(2023, 3, 29), in_month(2023, 5)), OPENING),
        "Publication now May 2023",
        f"NICE has changed the expected publication of {T} from 29 March 2023 to May 2023, day not set "
        "(moved, less exact).",
    ),
    (
        (EventKind.MOVED, Basis.CHECKED, moved_publication(on(2023, 3, 29), TBC), OPENING),
        "Publication date not set",
        f"NICE has taken back the day of the expected publication of {T} (it was 29 March 2023) for now.",
    ),
    (
        (EventKind.SHORTENED, Basis.CHECKED, PAYLOADS[EventKind.SHORTENED], date(2022, 10, 20)),
        "Less time, to 4 Nov",
        f"You have one week less to comment on {T}: until Friday 4 November 2022, not 11 November.",
    ),
    (
        (
            EventKind.EXTENDED,
            Basis.CHECKED,
            replace(
                consultation_change(EventKind.EXTENDED, CLOSING, date(2023, 1, 9)), day=date(2022, 11, 20)
            ),
            date(2022, 11, 20),
        ),
        "More time again, to 9 Jan",
        f"NICE now gives more time to comment on {T}: until Monday 9 January 2023; "
        "it had ended on 11 November 2022.",
    ),
    (
        (EventKind.RESTARTED, Basis.CHECKED, SUSPENDED, date(2022, 10, 20)),
        "Restarted",
        f"NICE has restarted work on {T}; its dates still to come count again.",
    ),
]


@pytest.mark.parametrize(("told", "lead", "sentence"), BETWEEN_THE_LINES)
def test_what_the_promises_leave_open_is_said_in_their_manner(
    told: tuple[EventKind, Basis, Payload, date], lead: str, sentence: str
) -> None:
    mail = words(*told)
    assert mail.subject.startswith(f"{lead}: Radiofrequency")
    assert only(mail).lead == sentence


def test_a_moved_consultation_names_both_ranges_without_mixing_them() -> None:
    old, new = between(OPENING, CLOSING), between(date(2022, 10, 21), date(2022, 11, 18))
    payload = changing(EventKind.MOVED, old, new, milestone=MilestoneKind.CONSULTATION, label="Consultation")
    mail = words(EventKind.MOVED, Basis.CHECKED, payload, OPENING)
    assert mail.subject == "Comments now 21 Oct to 18 Nov: Radiofrequency… (IP1783)"
    assert only(mail).lead == (
        f"NICE has moved the consultation on {T}, 1 week later: it is now 21 October to 18 November 2022, "
        "not 14 October to 11 November 2022."
    )


def test_a_moved_meeting_is_named_by_its_label() -> None:
    old, new = on(2023, 1, 12), on(2023, 2, 9)
    payload = changing(EventKind.MOVED, old, new, milestone=MilestoneKind.MEETING, label="IPAC 2")
    mail = words(EventKind.MOVED, Basis.CHECKED, payload, OPENING)
    assert mail.subject == "IPAC 2 now 9 Feb: Radiofrequency ablation… (IP1783)"
    assert only(mail).lead == (
        f"NICE has changed the committee meeting IPAC 2 on {T} from 12 January 2023 to 9 February 2023, "
        "4 weeks later."
    )
