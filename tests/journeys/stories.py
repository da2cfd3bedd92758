"""Schedules as their coordinators save them, stretches of downtime, and what a follower is told of each."""

from dataclasses import dataclass

from notifier.demo.script import Step
from tests.journeys.house import utc

RUNNING, SUSPENDED = "In progress", "Suspended"
CONSULTATION, PUBLICATION, MEETING = "Consultation", "Expected publication", "Committee meeting: 1"

Row = tuple[str, str]
"""A label and its date, as the body writes them."""


def saved(at: str, *rows: Row, status: str = RUNNING) -> Step:
    """The coordinator saves a schedule at an instant (UTC)."""
    return Step(at=utc(at), status=status, rows=tuple((label, date, "planned") for label, date in rows))


@dataclass(frozen=True, kw_only=True)
class Story:
    """`known` is in the folder at its first load, which is silent; `then` is saved while the service runs."""

    title: str
    start: str
    until: str
    known: tuple[Row, ...] = ()
    then: tuple[Step, ...] = ()
    told: tuple[str, ...]
    feed: tuple[str, ...] | None = None
    """How the feed's titles begin, oldest first, where they say more than the mails."""

    def __str__(self) -> str:
        return self.title


STORIES = (
    Story(
        title="a publication moved before its day is told moved, and speaks on its new day alone",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(saved("2023-03-10T10:00", (PUBLICATION, "12 April 2023")),),
        until="2023-04-15T12:00",
        told=(
            "Fri 10 Mar 10:30 Publication now 12 Apr",
            "Wed 12 Apr 09:00 Guidance expected today",
            "Thu 13 Apr 09:00 Not seen published yet",
        ),
    ),
    Story(
        title="a publication moved on its day before nine is not said to be expected that day",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(saved("2023-03-29T07:45", (PUBLICATION, "12 April 2023")),),
        until="2023-04-01T12:00",
        told=("Wed 29 Mar 09:15 Publication now 12 Apr",),
    ),
    Story(
        title="a publication moved on its day after nine speaks on both days",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(saved("2023-03-29T11:00", (PUBLICATION, "12 April 2023")),),
        until="2023-04-12T12:00",
        told=(
            "Wed 29 Mar 09:00 Guidance expected today",
            "Wed 29 Mar 12:30 Correction, not published yet",
            "Wed 12 Apr 09:00 Guidance expected today",
        ),
    ),
    Story(
        title="a publication moved after its day was first said not to be seen yet",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(saved("2023-04-03T11:00", (PUBLICATION, "12 April 2023")),),
        until="2023-04-12T12:00",
        told=(
            "Wed 29 Mar 09:00 Guidance expected today",
            "Thu 30 Mar 09:00 Not seen published yet",
            "Mon 3 Apr 12:30 Correction, not published yet",
            "Wed 12 Apr 09:00 Guidance expected today",
        ),
    ),
    Story(
        title="a date moved away and back within half an hour is never spoken of",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(
            saved("2023-03-10T10:00", (PUBLICATION, "12 April 2023")),
            saved("2023-03-10T10:20", (PUBLICATION, "29 March 2023")),
        ),
        until="2023-03-29T12:00",
        told=("Wed 29 Mar 09:00 Guidance expected today",),
    ),
    Story(
        title="a date moved away and back over nine o'clock is said late, the same day",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(
            saved("2023-03-29T07:45", (PUBLICATION, "12 April 2023")),
            saved("2023-03-29T08:05", (PUBLICATION, "29 March 2023")),
        ),
        until="2023-03-29T12:00",
        told=("Wed 29 Mar 09:05 Guidance expected today",),
    ),
    Story(
        title="a date that moved away and back is told twice as moved, and speaks once",
        start="2023-03-01T09:00",
        known=((PUBLICATION, "29 March 2023"),),
        then=(
            saved("2023-03-10T10:00", (PUBLICATION, "12 April 2023")),
            saved("2023-03-17T10:00", (PUBLICATION, "29 March 2023")),
        ),
        until="2023-03-29T12:00",
        told=(
            "Fri 10 Mar 10:30 Publication now 12 Apr",
            "Fri 17 Mar 10:30 Publication now 29 Mar",
            "Wed 29 Mar 09:00 Guidance expected today",
        ),
    ),
    Story(
        title="a consultation that ends today, found that morning, is open until five",
        start="2022-11-01T09:00",
        then=(saved("2022-11-11T10:00", (CONSULTATION, "14 October 2022 - 11 November 2022")),),
        until="2022-11-12T12:00",
        told=(
            "Fri 11 Nov 10:00 Comment by 11 Nov",
            "Fri 11 Nov 17:00 Comments closed",
        ),
    ),
    Story(
        title="a consultation that ends today, in the first load, only closes",
        start="2022-11-11T09:00",
        known=((CONSULTATION, "14 October 2022 - 11 November 2022"),),
        until="2022-11-12T12:00",
        told=("Fri 11 Nov 17:00 Comments closed",),
    ),
    Story(
        title="a consultation of one day opens and closes, without a reminder",
        start="2022-10-01T09:00",
        known=((CONSULTATION, "14 October 2022 - 14 October 2022"),),
        until="2022-10-15T12:00",
        told=(
            "Fri 14 Oct 09:00 Due to open today",
            "Fri 14 Oct 17:00 Comments closed",
        ),
    ),
    Story(
        title="what fell due while work was suspended is history after the restart",
        start="2022-10-01T09:00",
        known=((CONSULTATION, "14 October 2022 - 11 November 2022"), (PUBLICATION, "29 March 2023")),
        then=(
            saved(
                "2022-10-10T10:00",
                (CONSULTATION, "14 October 2022 - 11 November 2022"),
                (PUBLICATION, "29 March 2023"),
                status=SUSPENDED,
            ),
            saved(
                "2022-11-07T10:00",
                (CONSULTATION, "14 October 2022 - 11 November 2022"),
                (PUBLICATION, "29 March 2023"),
            ),
        ),
        until="2023-03-29T12:00",
        told=(
            "Mon 10 Oct 11:30 Suspended",
            "Mon 7 Nov 10:30 Restarted",
            "Thu 10 Nov 09:00 Closes tomorrow, 11 Nov",
            "Fri 11 Nov 17:00 Comments closed",
            "Wed 29 Mar 09:00 Guidance expected today",
        ),
    ),
    Story(
        title="an open consultation in the first load is not announced, its reminders are",
        start="2022-10-20T09:00",
        known=((CONSULTATION, "14 October 2022 - 11 November 2022"),),
        until="2022-11-10T12:00",
        told=(
            "Fri 4 Nov 09:00 7 days left to comment",
            "Thu 10 Nov 09:00 Closes tomorrow, 11 Nov",
        ),
    ),
    Story(
        title="an open consultation found later is announced: we learnt of it",
        start="2022-10-18T09:00",
        then=(saved("2022-10-20T10:00", (CONSULTATION, "14 October 2022 - 11 November 2022")),),
        until="2022-11-05T12:00",
        told=(
            "Thu 20 Oct 11:00 Comment by 11 Nov",
            "Fri 4 Nov 09:00 7 days left to comment",
        ),
    ),
    Story(
        title="a wholly past schedule is one feed entry and no mail",
        start="2023-05-01T09:00",
        known=((CONSULTATION, "14 October 2022 - 11 November 2022"), (PUBLICATION, "29 March 2023")),
        until="2023-05-10T12:00",
        told=(),
        feed=("Now listed here",),
    ),
    Story(
        title="reminders of a Monday closing come a week and a weekend before",
        start="2022-10-01T09:00",
        known=((CONSULTATION, "17 October 2022 - 14 November 2022"),),
        until="2022-11-15T12:00",
        told=(
            "Mon 17 Oct 09:00 Due to open today",
            "Mon 7 Nov 09:00 7 days left to comment",
            "Fri 11 Nov 09:00 Closes on Monday, 14 Nov",
            "Mon 14 Nov 17:00 Comments closed",
        ),
    ),
    Story(
        title="reminders of a Sunday closing both move back to a Friday",
        start="2022-10-01T09:00",
        known=((CONSULTATION, "17 October 2022 - 20 November 2022"),),
        until="2022-11-21T12:00",
        told=(
            "Mon 17 Oct 09:00 Due to open today",
            "Fri 11 Nov 09:00 9 days left to comment",
            "Fri 18 Nov 09:00 Closes on Sunday, 20 Nov",
            "Sun 20 Nov 17:00 Comments closed",
        ),
    ),
    Story(
        title="a reminder moves back over the holidays at the end of the year",
        start="2022-11-20T09:00",
        known=((CONSULTATION, "1 December 2022 - 3 January 2023"),),
        until="2023-01-04T12:00",
        told=(
            "Thu 1 Dec 09:00 Due to open today",
            "Fri 23 Dec 09:00 11 days left to comment",
            "Fri 30 Dec 09:00 Closes on Tuesday, 3 Jan",
            "Tue 3 Jan 17:00 Comments closed",
        ),
    ),
    Story(
        title="nine o'clock stays nine o'clock when the clocks go back",
        start="2022-10-28T09:00",
        known=(
            (MEETING, "29 October 2022"),
            ("Committee meeting: 2", "30 October 2022"),
            ("Committee meeting: 3", "31 October 2022"),
        ),
        until="2022-11-01T12:00",
        told=(
            "Sat 29 Oct 09:00 Committee meeting: 1 listed for today",
            "Sun 30 Oct 09:00 Committee meeting: 2 listed for today",
            "Mon 31 Oct 09:00 Committee meeting: 3 listed for today",
        ),
    ),
    Story(
        title="nine o'clock stays nine o'clock when the clocks go forward",
        start="2023-03-24T09:00",
        known=(
            (MEETING, "25 March 2023"),
            ("Committee meeting: 2", "26 March 2023"),
            ("Committee meeting: 3", "27 March 2023"),
        ),
        until="2023-03-28T12:00",
        told=(
            "Sat 25 Mar 09:00 Committee meeting: 1 listed for today",
            "Sun 26 Mar 09:00 Committee meeting: 2 listed for today",
            "Mon 27 Mar 09:00 Committee meeting: 3 listed for today",
        ),
    ),
)


CONSULTED = saved("2022-10-01T09:00", (CONSULTATION, "14 October 2022 - 11 November 2022"))


@dataclass(frozen=True, kw_only=True)
class Downtime:
    """The service is down from one instant to another, then up to a third."""

    title: str
    down: str
    up: str
    until: str
    told: tuple[str, ...]
    says: str = ""
    """What the first of these mails says of its lateness."""
    feed: tuple[str, ...]
    """How the titles of the entries begin that the downtime delayed."""

    def __str__(self) -> str:
        return self.title


_OPENED = "Comments scheduled for 14 October to 11 November 2022"
_CLOSING, _CLOSED = "Comments close on 11 November 2022", "Comments closed on 11 November 2022"
_FIRST, _LAST = f"{_CLOSING} (first reminder)", f"{_CLOSING} (last reminder)"

DOWNTIMES = (
    Downtime(
        title="three days over an opening",
        down="2022-10-13T12:00",
        up="2022-10-16T12:00",
        until="2022-10-20T12:00",
        told=("Sun 16 Oct 13:00 Late: comment by 11 Nov",),
        says="This alert is 2 days late: our service was not running from 14 to 16 October. "
        "The closing date has not changed.",
        feed=(_OPENED,),
    ),
    Downtime(
        title="three days over a reminder",
        down="2022-11-03T12:00",
        up="2022-11-06T12:00",
        until="2022-11-07T12:00",
        told=("Sun 6 Nov 12:00 Late: 5 days left to comment",),
        says="This alert is 2 days late: our service was not running from 4 to 6 November. "
        "The closing date has not changed.",
        feed=(_FIRST,),
    ),
    Downtime(
        title="three days over both reminders",
        down="2022-11-03T12:00",
        up="2022-11-10T12:00",
        until="2022-11-11T12:00",
        told=("Thu 10 Nov 12:00 Closes tomorrow, 11 Nov",),
        feed=(_LAST,),
    ),
    Downtime(
        title="over the opening and the first reminder",
        down="2022-10-13T12:00",
        up="2022-11-05T12:00",
        until="2022-11-09T12:00",
        told=("Sat 5 Nov 12:00 Late: comment by 11 Nov",),
        says="This alert is 22 days late",
        feed=(_OPENED,),
    ),
    Downtime(
        title="three days over the last reminder and the closing",
        down="2022-11-09T12:00",
        up="2022-11-12T12:00",
        until="2022-11-15T12:00",
        told=(),
        feed=(_CLOSED,),
    ),
    Downtime(
        title="an hour over the closing",
        down="2022-11-11T16:30",
        up="2022-11-11T17:30",
        until="2022-11-12T12:00",
        told=("Fri 11 Nov 17:30 Comments closed",),
        feed=(_CLOSED,),
    ),
)
