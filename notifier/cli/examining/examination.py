"""Everything that `notifier doctor` looks at beyond what `notifier check` does, each within its time."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from notifier.cli.examining import machine, public_address, relay, sample, store
from notifier.cli.examining.bounded import bounded
from notifier.cli.examining.bulk_rules import bulk_rules
from notifier.cli.examining.resolving import Resolver
from notifier.cli.examining.sender_dns import sender_dns
from notifier.cli.finding import Finding
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import ServingSettings

ANSWER_SECONDS = 10
"""How long the mail server may take for one answer while it is examined."""

LOOK_SECONDS = 30.0
"""How long one look may take altogether."""

_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined, and by what means; `to` is who gets a test mail, if anybody."""

    settings: ServingSettings
    server: SmtpServer
    resolver: Resolver
    to: str | None = None
    web_tls: ssl.SSLContext | None = None

    @property
    def brisk(self) -> SmtpServer:
        """The mail server, waited for as long as somebody at a terminal waits."""
        return replace(self.server, timeout=ANSWER_SECONDS, end_of_data_timeout=ANSWER_SECONDS)


async def examine(
    patient: Patient, *, now: datetime, look_seconds: float = LOOK_SECONDS
) -> Sequence[Finding]:
    """Look at everything at once; the findings come in the order in which an operator reads them."""
    settings = patient.settings

    async def mail() -> Sequence[Finding]:
        greeted = await relay.greet(patient.brisk, now=now)
        if patient.to is None:
            return greeted
        letter = sample.test_letter(settings, to=patient.to, now=now)
        return [*greeted, *await relay.send(patient.brisk, letter)]

    async def form() -> Sequence[Finding]:
        return sample.form(settings, now=now)

    async def names() -> Sequence[Finding]:
        ours = machine.outgoing_address() if patient.server.host in _HERE else None
        mail = settings.mail
        return await sender_dns(
            patient.resolver, sender=mail.sender, reply_to=mail.reply_to, bounces=mail.bounces, ours=ours
        )

    async def web() -> Sequence[Finding]:
        url = settings.service.public_url
        answer = await public_address.ask(url, now=now, tls=patient.web_tls)
        return [*public_address.judge(answer, url, now), public_address.clock(answer, url)]

    async def here() -> Sequence[Finding]:
        path = settings.database.path
        backup = await asyncio.to_thread(machine.backup, settings.health.backup_file, now)
        file = await store.database(path) if settings.database.url is None else ()
        return [*file, await asyncio.to_thread(machine.disk, path), backup]

    looks = {
        "mail server": mail,
        "message format": form,
        "DNS": names,
        "public address": web,
        "machine": here,
    }
    found = await asyncio.gather(
        *(bounded(subject, look, seconds=look_seconds) for subject, look in looks.items())
    )
    flat = [one for some in found for one in some]
    return [*flat, bulk_rules(flat)]
