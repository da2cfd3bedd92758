"""What the tests of the doctor share: a service's settings, a DNS that answers as it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from notifier.cli.examining.resolving import Unanswered
from notifier.cli.finding import Finding
from notifier.settings import Relation, Service, ServingMail, ServingSettings

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DOMAIN = "kidneys.example"
SENDER, REPLY_TO = f"alerts@{DOMAIN}", "help@office.example"


def settings(
    *, public_url: str = f"https://alerts.{DOMAIN}", bounces: str | None = None, **sections: Any
) -> ServingSettings:
    return ServingSettings(
        service=Service(
            name="Kidney alerts",
            operator="Kidney Charity",
            postal_address="1 High Street, Leeds",
            contact="help@office.example",
            privacy_contact="privacy@office.example",
            relation=Relation.THIRD_PARTY,
            public_url=public_url,
        ),
        mail=ServingMail(sender=SENDER, reply_to=REPLY_TO, bounces=bounces),
        **sections,
    )


@dataclass
class FakeDns:
    """Names and what they have. A name in `silent` gets no answer; `there`: whether anything can be asked."""

    txt: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mx: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pointers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    silent: Sequence[str] = ()
    there: bool = True
    asked: list[str] = field(default_factory=list)

    async def reachable(self) -> bool:
        return self.there

    async def texts(self, name: str) -> Sequence[str]:
        return self._answer(self.txt, name)

    async def mail_hosts(self, name: str) -> Sequence[str]:
        return self._answer(self.mx, name)

    async def addresses(self, name: str) -> Sequence[str]:
        return self._answer(self.hosts, name)

    async def names_of(self, address: str) -> Sequence[str]:
        return self._answer(self.pointers, address)

    def _answer(self, known: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
        self.asked.append(name)
        if name in self.silent:
            raise Unanswered(f"{name}: LifetimeTimeout")
        return known.get(name, ())


def short(found: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return subject and verdict of each finding."""
    return [(one.subject, one.verdict.value) for one in found]
