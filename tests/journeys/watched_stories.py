"""What a body's page shows over time, and what a follower of it is told: the watched page of IP1783.

Instants are in UTC; what is told carries the hour of London, one later until 30 October 2022.
"""

from collections.abc import Callable
from dataclasses import dataclass

from notifier.settings import Unreadable
from tests.journeys.web_body import (
    CONSULTATION,
    MEETING,
    PRODUCT,
    PUBLICATION,
    SCHEDULE,
    SECOND,
    WebBody,
    project_page,
)

Turn = tuple[str, Callable[[WebBody], None]]
"""An instant, and what is so on the body's website from then on."""

OPENED = ("14 October 2022 - 11 November 2022", "Interventional procedure consultation")
"""The row of the page's timeline once the consultation is there."""
DISCUSSED = ("08 September 2022", "IPAC 1")
EARLIER, LATER = MEETING, (SECOND, PUBLICATION)


def shows(*rows: tuple[str, str], status: str = "In progress") -> Callable[[WebBody], None]:
    """The page has this schedule and status."""
    return lambda body: body.show(project_page(*rows, status=status))


def opens() -> Callable[[WebBody], None]:
    """The consultation is there to be seen: it stands in the timeline with its dates."""
    return lambda body: body.show(project_page(timeline=(OPENED, DISCUSSED)))


def says(page: str) -> Callable[[WebBody], None]:
    """The page is this text."""
    return lambda body: body.show(page)


def fails(status: int) -> Callable[[WebBody], None]:
    """The server answers with this status."""
    return lambda body: body.fail(status)


def leads_to(location: str) -> Callable[[WebBody], None]:
    """The page redirects there."""
    return lambda body: body.lead_to(location)


def with_publication(date: str) -> tuple[tuple[str, str], ...]:
    """Return the schedule with another expected publication."""
    return (*SCHEDULE[:3], (PUBLICATION[0], date))


def with_consultation(dates: str) -> tuple[tuple[str, str], ...]:
    """Return the schedule with other dates of the consultation."""
    return (EARLIER, (CONSULTATION[0], dates), *LATER)


AS_PUBLISHED = shows()
MOVED = shows(*with_publication("24 May 2023"))
GONE = shows(*SCHEDULE[:3])
POSTPONED = shows(*with_consultation("21 October 2022 - 18 November 2022"))
SORRY = "<html><body><h1>Sorry, something went wrong</h1><p>Try again on 1 May 2023.</p></body></html>"
CUT = project_page()[: project_page().index("<h2>Provisional Schedule")]


@dataclass(frozen=True, kw_only=True)
class WatchedStory:
    """The website's turns while the service runs from `start` to `until`, and the mails of a follower."""

    title: str
    start: str
    turns: tuple[Turn, ...] = ()
    until: str
    told: tuple[str, ...] = ()
    feed: tuple[str, ...] | None = None
    """How the titles of the feed begin, oldest first; None: there is one for each mail."""
    says: tuple[str, ...] = ()
    """What the last mail says."""
    unreadable: Unreadable = Unreadable.SAY
    every_minutes: int = 60

    def __str__(self) -> str:
        return self.title


STORIES = (
    WatchedStory(
        title="a moved date is told once, when it is half an hour old and was read twice",
        start="2022-10-03T09:00",
        turns=(("2022-10-03T10:10", MOVED),),
        until="2022-10-05T09:00",
        told=("Mon 3 Oct 12:30 Publication now 24 May",),
        says=("from 29 March 2023 to 24 May 2023, 8 weeks later", "We read NICE's page at 12:30pm"),
        feed=("Publication now 24 May 2023",),
    ),
    WatchedStory(
        title="a date that is gone is told after two reads an hour apart",
        start="2022-10-03T09:00",
        turns=(("2022-10-03T10:10", GONE),),
        until="2022-10-04T09:00",
        told=("Mon 3 Oct 13:00 Publication date removed",),
        feed=("Publication date removed",),
    ),
    WatchedStory(
        title="a date that was gone for one reading was never gone",
        start="2022-10-03T09:00",
        turns=(("2022-10-03T10:10", GONE), ("2022-10-03T11:50", AS_PUBLISHED)),
        until="2022-10-05T09:00",
    ),
    WatchedStory(
        title="a date that moves away and back between two readings is never spoken of",
        start="2022-10-03T09:00",
        turns=(("2022-10-03T10:10", MOVED), ("2022-10-03T11:20", AS_PUBLISHED)),
        until="2022-10-05T09:00",
    ),
    WatchedStory(
        title="a date that moves on before it has settled is told once, with its last day",
        start="2022-10-03T09:00",
        turns=(("2022-10-03T10:10", MOVED), ("2022-10-03T11:20", shows(*with_publication("31 May 2023")))),
        until="2022-10-05T09:00",
        told=("Mon 3 Oct 13:00 Publication now 31 May",),
        feed=("Publication now 31 May 2023",),
    ),
    WatchedStory(
        title="a change found in the evening is in the feed at night and mailed at nine",
        start="2022-10-03T17:00",
        turns=(("2022-10-03T19:10", MOVED),),
        until="2022-10-04T12:00",
        told=("Tue 4 Oct 09:00 Publication now 24 May",),
        feed=("Publication now 24 May 2023",),
    ),
    WatchedStory(
        title="work that is suspended says so, keeps silent on its dates, and says when it goes on",
        start="2022-10-03T09:00",
        turns=(
            ("2022-10-03T10:10", shows(status="Suspended")),
            ("2022-10-17T10:10", AS_PUBLISHED),
        ),
        until="2022-11-04T12:00",
        told=(
            "Tue 4 Oct 10:30 Suspended",
            "Tue 18 Oct 11:00 Restarted",
            "Fri 4 Nov 09:00 7 days left to comment",
        ),
        every_minutes=1440,
    ),
    WatchedStory(
        title="a consultation that is not to be seen is asked for until midday, then said as scheduled",
        start="2022-10-13T12:00",
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 12:00 Due to open today",),
        says=(
            "are scheduled to open today, Friday 14 October 2022",
            "We read NICE's page at 11:55am and it still gave these dates; "
            "we have not seen the consultation itself.",
        ),
        every_minutes=1440,
    ),
    WatchedStory(
        title="a consultation that is seen at a quarter past nine is open from then on",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T08:06", opens()),),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 09:10 Comment by 11 Nov",),
        says=("You can now comment", "We read NICE's page at 9:10am and saw the consultation there"),
        every_minutes=1440,
    ),
    WatchedStory(
        title="a consultation that is seen before nine is open at nine",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T07:30", opens()),),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 09:00 Comment by 11 Nov",),
        says=("You can now comment",),
        every_minutes=1440,
    ),
    WatchedStory(
        title="a consultation that is seen in the afternoon was scheduled at midday, and has one entry",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T12:30", opens()),),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 12:00 Due to open today",),
        feed=("Open for comment until 11 November 2022",),
    ),
    WatchedStory(
        title="a consultation that moved in the night is not announced on its old day",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T07:50", POSTPONED),),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 09:25 Comments now 21 Oct to 18 Nov",),
        every_minutes=1440,
    ),
    WatchedStory(
        title="a source that cannot be read is no reason to keep silent: said as scheduled",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T07:50", fails(500)),),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 09:00 Due to open today",),
        says=(
            "are scheduled to open today, Friday 14 October 2022",
            "We could not read NICE's page at 8:58am today; we go by its schedule as last read",
        ),
        every_minutes=1440,
    ),
    WatchedStory(
        title="by the policy of waiting a date waits three hours for its source",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T07:50", fails(500)),),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 12:00 Due to open today",),
        says=("We could not read NICE's page",),
        unreadable=Unreadable.WAIT,
        every_minutes=1440,
    ),
    WatchedStory(
        title="by the policy of waiting a date speaks as soon as its source shows it",
        start="2022-10-13T12:00",
        turns=(("2022-10-14T07:50", fails(500)), ("2022-10-14T09:00", opens())),
        until="2022-10-14T20:00",
        told=("Fri 14 Oct 11:02 Comment by 11 Nov",),
        says=("You can now comment",),
        unreadable=Unreadable.WAIT,
        every_minutes=1440,
    ),
    WatchedStory(
        title="reminders ask too: a consultation extended in the night is not said to close",
        start="2022-11-09T12:00",
        turns=(("2022-11-10T08:50", shows(*with_consultation("14 October 2022 - 25 November 2022"))),),
        until="2022-11-10T20:00",
        told=("Thu 10 Nov 09:25 More time, to 25 Nov",),
        every_minutes=1440,
    ),
    WatchedStory(
        title="guidance that is seen in the afternoon is mailed then, and not in the morning",
        start="2023-03-28T12:00",
        turns=(("2023-03-29T12:30", leads_to(PRODUCT)),),
        until="2023-03-31T12:00",
        told=("Wed 29 Mar 13:55 Published",),
        says=("NICE has published its guidance", "seen on its website at 1:55pm on Wednesday 29 March 2023"),
        feed=("Guidance expected on 29 March 2023", "Published, seen on 29 March 2023"),
        every_minutes=1440,
    ),
    WatchedStory(
        title="guidance that is not seen all day is told the next morning, once",
        start="2023-03-28T12:00",
        until="2023-04-05T12:00",
        told=("Thu 30 Mar 09:00 Not yet published",),
        says=(
            "was expected on Wednesday 29 March 2023 and was not on NICE's website at 8:55am "
            "on Thursday 30 March 2023.",
            "We write again when it is published or dated, not before.",
        ),
        feed=("Guidance expected on 29 March 2023", "Not yet published, expected on 29 March 2023"),
        every_minutes=1440,
    ),
    WatchedStory(
        title="guidance whose source cannot be read is said to be expected, at nine",
        start="2023-03-28T12:00",
        turns=(("2023-03-29T07:50", fails(500)),),
        until="2023-03-29T20:00",
        told=("Wed 29 Mar 09:00 Guidance expected today",),
        every_minutes=1440,
    ),
    WatchedStory(
        title="work whose status turns complete is published",
        start="2023-03-20T12:00",
        turns=(("2023-03-21T10:00", shows(status="Complete")),),
        until="2023-04-05T12:00",
        told=("Tue 21 Mar 12:00 Published",),
        every_minutes=1440,
    ),
)
