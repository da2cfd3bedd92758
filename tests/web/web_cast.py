"""Who the tests of the web tell of: IP1783 as published, and invented topics that move, stop and attack."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from notifier.db import Database, Rank
from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.server_watch import Fault
from notifier.events.announce import Voice, announce
from notifier.procedures.due import Rules
from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Snapshot,
    Status,
)
from notifier.procedures.store import reference_key
from notifier.procedures.tables import procedure_alias
from notifier.settings import Relation, Service
from notifier.sources.intake import Intake, Origin
from notifier.sources.sync import take_in
from notifier.web.health_facts import Disk, Missed

PUBLIC_URL = "https://alerts.example.org"
SERVICE = Service(
    name="Example Alerts",
    operator="Example Charity",
    postal_address="1 High Street\nLeeds LS1 1AA",
    contact="help@alerts.example.org",
    privacy_contact="privacy@alerts.example.org",
    relation=Relation.THIRD_PARTY,
    public_url=PUBLIC_URL,
)
RULES = Rules(zone=ZoneInfo("Europe/London"), announce_at=time(9), closes_at=time(17), holidays=frozenset())
NOW = datetime(2022, 10, 14, 9, 30, tzinfo=UTC)
"""Half past ten in London on the day IP1783 opens for comment."""
EARLIER = datetime(2022, 9, 1, 8, 0, tzinfo=UTC)
READ_AT = datetime(2022, 10, 14, 7, 55, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script> & “quotes”'


@dataclass
class StillClock:
    """A clock that stands until it is set."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant

    def seconds_until(self, instant: datetime) -> float:
        return (instant - self.instant).total_seconds()


@dataclass
class PlainVitals:
    """The health of a process to which nothing has happened, until a test says otherwise."""

    started_at: datetime
    swept_at: datetime | None = None
    sweep_seconds: float = 30.0
    fault: Fault | None = None
    source_problems: list[str] = field(default_factory=list)
    sources_unread_since: datetime | None = None
    missed: Missed | None = None
    mail_unread_since: datetime | None = None
    unknown_addresses: int = 0
    unaccepted: Unaccepted | None = None
    free: int = 10**12

    def disk(self) -> Disk:
        return Disk(free=self.free, lasts=None)


def on(year: int, month: int, day: int) -> Dates:
    return Dates(start=date(year, month, day), precision=Precision.DAY, as_written="")


def between(first: date, last: date) -> Dates:
    return Dates(start=first, end=last, precision=Precision.DAY)


def step(label: str, kind: MilestoneKind, dates: Dates, **more: object) -> Milestone:
    return Milestone(key=label.lower().replace(" ", "-"), label=label, kind=kind, dates=dates, **more)


def ip1783(*, seen_open: bool = False, ends: date = date(2022, 11, 11)) -> Snapshot:
    return Snapshot(
        reference="GID-IPG10158",
        facts=Facts(
            title="Radiofrequency ablation for palliation of painful spinal metastases",
            status=Status.IN_PROGRESS,
            status_as_written="In progress",
            decision="Selected",
            process="IP",
            technology_type="Procedure",
            id_number="1783",
            description="A needle electrode is passed into the vertebra.\n\nHeat destroys tumour tissue.",
            email="ip@example.org",
            link="https://www.nice.org.uk/guidance/indevelopment/gid-ipg10158",
            referral_date=date(2021, 11, 30),
        ),
        milestones=(
            step("IPAC 1", MilestoneKind.MEETING, on(2022, 9, 8)),
            step(
                "Interventional procedure consultation",
                MilestoneKind.CONSULTATION,
                between(date(2022, 10, 14), ends),
                state=MilestoneState.REACHED if seen_open else MilestoneState.PLANNED,
            ),
            step("IPAC 2", MilestoneKind.MEETING, on(2023, 1, 12)),
            step("Expected publication", MilestoneKind.PUBLICATION, on(2023, 3, 29)),
        ),
    )


def moving(publication: date) -> Snapshot:
    return Snapshot(
        reference="GID-TA20001",
        facts=Facts(
            title="Examplinib for untreated follicular lymphoma [ID1842]",
            status=Status.IN_PROGRESS,
            status_as_written="In progress",
            process="STA",
            technology_type="Medicine",
            id_number="1842",
        ),
        milestones=(
            step(
                "Expected publication",
                MilestoneKind.PUBLICATION,
                on(publication.year, publication.month, publication.day),
            ),
            step("Draft guidance", MilestoneKind.OTHER, Dates(as_written="TBC")),
        ),
    )


SAME_NUMBER = Snapshot(
    reference="GID-NG30001",
    facts=Facts(
        title="Care of adults with an invented condition",
        status=Status.IN_PROGRESS,
        status_as_written="In progress",
        process="NG",
        id_number="1842",
    ),
    milestones=(
        step(
            "Expected publication",
            MilestoneKind.PUBLICATION,
            Dates(start=date(2023, 6, 1), precision=Precision.MONTH, as_written="June 2023"),
        ),
    ),
)
SUSPENDED = Snapshot(
    reference="GID-MT550",
    facts=Facts(
        title="A wearable monitor for detecting atrial fibrillation",
        status=Status.SUSPENDED,
        status_as_written="Suspended",
        process="MT",
        id_number="550",
    ),
    milestones=(
        step("Consultation", MilestoneKind.CONSULTATION, between(date(2022, 10, 3), date(2022, 10, 28))),
    ),
)
DRAFT = Snapshot(
    reference="GID-IPG99999",
    facts=Facts(title="Not to be seen yet", status=Status.IN_PROGRESS, id_number="9999", process="IP"),
    milestones=(
        step("Consultation", MilestoneKind.CONSULTATION, between(date(2022, 10, 3), date(2022, 10, 28))),
    ),
    draft=True,
)
HOSTILE_TOPIC = Snapshot(
    reference="GID-X1",
    facts=Facts(
        title=HOSTILE,
        status=Status.IN_PROGRESS,
        status_as_written=HOSTILE,
        description=HOSTILE,
        link="javascript:alert(1)",
        email=HOSTILE,
    ),
    milestones=(step("<b>Step</b>", MilestoneKind.OTHER, on(2022, 12, 1)),),
)


async def take(
    db: Database, snapshot: Snapshot, *, now: datetime = EARLIER, read_at: datetime | None = None
) -> int:
    """Take in one reading, all of one source. Return the topic's id."""
    origin = Origin(key="tests", actor="test", page_read_at=read_at)
    intake = Intake(rules=RULES, settle=timedelta(0))
    (taken,) = (await take_in(db, [snapshot], origin, intake=intake, now=now)).taken
    return taken.procedure_id


async def speak(db: Database, now: datetime) -> int:
    """Announce all that is due. Return how many facts were told."""
    voice = Voice(rules=RULES, service=SERVICE, quiet_from=time(20), quiet_until=time(8))
    return (await announce(db, voice, now=now)).events


async def seed(db: Database) -> None:
    """Lay down every topic above as it stands at `NOW`; one moved its publication four days before."""
    for snapshot in (ip1783(), moving(date(2022, 11, 16)), SAME_NUMBER, SUSPENDED, DRAFT, HOSTILE_TOPIC):
        await take(db, snapshot)
    await speak(db, EARLIER + timedelta(days=8))
    moved_at = NOW - timedelta(days=4)
    await take(db, moving(date(2023, 1, 11)), now=moved_at)
    await speak(db, moved_at)
    await take(db, ip1783(), now=NOW, read_at=READ_AT)
    await speak(db, NOW)
    async with db.write(Rank.WEB) as conn:
        found = await conn.scalar(
            procedure_alias.select()
            .with_only_columns(procedure_alias.c.procedure_id)
            .where(procedure_alias.c.reference == "GID-IPG10158")
        )
        await conn.execute(
            insert(procedure_alias).values(
                reference_key=reference_key("IPG749"), reference="IPG749", procedure_id=found
            )
        )
