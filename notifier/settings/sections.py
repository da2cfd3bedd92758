"""The sections of the settings, each field with its meaning and unit. Once read, nothing changes them."""

from datetime import time
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from holidays import HolidayBase
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from notifier.settings.database_url import DatabaseUrl
from notifier.settings.list_values import HostNames, MailAddresses, Networks
from notifier.settings.mail_look import MailLook
from notifier.settings.public_holidays import public_holidays
from notifier.settings.values import (
    CalledAddress,
    Count,
    CountOrNone,
    Flag,
    HolidayPlace,
    HostName,
    Line,
    Location,
    MailAddress,
    Port,
    PortOrAny,
    PortOrNone,
    RefusedError,
    Secret,
    Text,
    TimeOfDay,
    Token,
    WebAddress,
    ZoneName,
    one_of,
)

LONGEST_BOUNCES_NAME = 24
"""Characters before the @ of `mail.bounces`: with "+" and a token they must fit into 64 (RFC 5321)."""


class Section(BaseModel):
    """One group of settings: `[name]` in the file, `NOTIFIER_NAME__…` in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Relation(StrEnum):
    """Whose service this is; a third party says on every page, mail and feed that it is not the body."""

    OWN = "own"
    THIRD_PARTY = "third-party"


class Service(Section):
    """Who runs this service, for whom, and what things are called in its texts."""

    name: Line
    operator: Line
    """The person or organisation that runs the service."""
    postal_address: Text
    contact: Line
    """A mail address or web address where people reach the operator."""
    privacy_contact: Line
    """A mail address or web address for questions about personal data."""
    relation: Annotated[Relation, one_of(Relation)]
    public_url: WebAddress
    """Where people reach the service, without a trailing slash; every link is made from it."""
    body: Line = "NICE"
    """The name of the body whose procedures these are."""
    body_site: Line = "NICE's website"
    """How texts name the place where the body's pages are."""
    topic_noun: Line = "topic"
    """The public noun for a procedure."""


class Times(Section):
    """When things are said; times of day are local to `zone`."""

    zone: ZoneName = "Europe/London"
    announce_at: TimeOfDay = time(9)
    closes_at: TimeOfDay = time(17)
    """When a consultation closes whose source states no time of day."""
    settle_minutes: CountOrNone = 30
    """How old a change must be before it is mailed, so that A→B→A says nothing."""
    quiet_from: TimeOfDay = time(20)
    """From here to `quiet_until` changes are not mailed; the same time for both means no quiet hours."""
    quiet_until: TimeOfDay = time(8)
    holidays: HolidayPlace = "GB-ENG"
    """Whose public holidays are no working days: a country or a part of one (ISO 3166)."""

    @property
    def tz(self) -> ZoneInfo:
        """Return the zone in which dates fall due."""
        return ZoneInfo(self.zone)

    @property
    def public_holidays(self) -> HolidayBase:
        """Return a new calendar of the days that are no working days beside weekends."""
        return public_holidays(self.holidays)


class Database(Section):
    """Where everything is kept."""

    path: Location = Path("data/notifier.db")
    """The SQLite file. The secret and what else must outlive a backup are beside it, with a `url` too."""
    url: DatabaseUrl | None = None
    """A PostgreSQL database, for any number of processes on any number of machines; None: SQLite."""


class Web(Section):
    """Where the web server listens, usually behind a proxy that ends TLS."""

    host: HostName = "127.0.0.1"
    port: PortOrAny = 8080
    hosts: HostNames = ()
    """Names under which the pages may be asked for, beside that of the public address and this machine's."""
    trusted_proxies: Networks = (ip_network("127.0.0.1"), ip_network("::1"))
    """Proxies whose X-Forwarded-For is believed."""
    connections: Count = 500
    """How many connections are open at once."""
    connections_per_address: Count = 100
    """How many of them from one network address; trusted proxies are not counted."""
    header_seconds: Count = 10
    """How long a visitor may take to send the head of a request."""
    body_seconds: Count = 20
    """How long a visitor may take to send a form."""
    request_seconds: Count = 60
    """How long an answer may take to be made, the form's arrival included."""
    send_seconds: Count = 60
    """How long a visitor may take to receive what is waiting to be sent."""
    idle_seconds: Count = 75
    """How long a connection is kept for the next request; longer than a proxy keeps it."""


class Worker(Section):
    """Where a process tells of itself that only helps to send (`notifier worker`)."""

    host: HostName = "127.0.0.1"
    port: PortOrNone = 0
    """The port of its health and metrics; 0: it listens nowhere."""


class Security(StrEnum):
    """How the connection to the mail server is protected (RFC 8314)."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    """Refuse to send unless the server offers STARTTLS (RFC 3207)."""
    TLS = "tls"


class Mail(Section, MailLook):
    """The next mail server and what it is told."""

    host: HostName = "localhost"
    port: Port = 25
    security: Annotated[Security, one_of(Security)] = Security.STARTTLS
    username: Line | None = None
    password: Secret | None = Field(default=None, validate_default=True)
    sender: MailAddress | None = None
    """The address in From and, without `bounces`, in the envelope."""
    bounces: MailAddress | None = None
    """A mailbox that is read by `notifier bounces ingest`; the envelope's address is made from it."""
    reply_to: MailAddress | None = None
    """A mailbox that somebody reads."""
    connections: Count = 8
    """How many connections are open at most: fewer while the mail server asks for less. On each one mail is
    under way and, where the server pipelines (RFC 2920), one more waits behind it."""
    letters_per_connection: Count = 1_000
    """After how many mails a connection is ended and another opened: some servers allow no more."""
    per_second: CountOrNone = 0
    """How many mails a second; 0: the mail server sets the pace by its answers."""
    per_domain: CountOrNone = 0
    """How many mails are under way at once to one recipient domain; 0: no bound."""
    per_day: CountOrNone = 0
    """After how many accepted mails sending stops for the day, with an alarm; 0: none."""
    timeout_seconds: Count = 60
    uncommitted: Count = 500
    """How many outcomes may be unrecorded at once: as many mails can be doubled by a crash."""
    local_hostname: HostName | None = None
    """What EHLO says; None: this machine's own name."""

    @field_validator("bounces")
    @classmethod
    def _aligned_and_short(cls, bounces: MailAddress | None, info: ValidationInfo) -> MailAddress | None:
        """Keep From and envelope of one domain (RFC 7489 §3.1), and leave room for what is added."""
        if bounces is None:
            return None
        name, _, domain = bounces.rpartition("@")
        if len(name) > LONGEST_BOUNCES_NAME:
            words = (
                f"has more than {LONGEST_BOUNCES_NAME} characters before the @, and a token is to follow them"
            )
            raise RefusedError(words, repeat=False)
        sender = info.data.get("sender")
        own = sender.rpartition("@")[2].lower() if sender else ""
        if own and not f".{domain.lower()}".endswith(f".{own}"):
            words = f'must be an address at the domain of "sender", {own}, or at one below it'
            raise RefusedError(words, repeat=False)
        return bounces

    @field_validator("username")
    @classmethod
    def _no_password_in_clear(cls, username: str | None, info: ValidationInfo) -> str | None:
        if username is not None and info.data.get("security") is Security.PLAIN:
            words = 'needs "security" to be "starttls" or "tls": "plain" would send the password in clear'
            raise RefusedError(words, repeat=False)
        return username

    @field_validator("password")
    @classmethod
    def _both_or_neither(cls, password: Secret | None, info: ValidationInfo) -> Secret | None:
        if "username" in info.data and (info.data["username"] is None) is not (password is None):
            raise RefusedError("and the username go together: set both or neither", repeat=False)
        return password


class Bounces(Section):
    """What is made of mail that comes back, once `mail.bounces` is set."""

    soft_run: Count = 6
    """How many times in a row an address is waited for whose mail came back for now: 2, 4, 8 … 64 hours."""
    maildir: Location | None = None
    """A Maildir that the service reads by itself at each sweep; None: somebody calls the command."""


class Procedures(Section):
    """Where procedures come from."""

    folder: Location = Path("config/procedures")


class Staff(Section):
    """Who of the operator's people is told beforehand what will be sent, and afterwards what was."""

    addresses: MailAddresses = ()
    """Who gets the staff letter; none: nobody does."""
    letter_at: TimeOfDay = time(15)
    """When it is sent, each working day on which there is something to say; on Mondays with an outlook."""
    receipts: Flag = True
    """Whether they are told too how each mailing ended."""


class SignUp(Section):
    """How often confirmations are mailed, and how long they hold."""

    confirmations_per_day: Count = 3
    """For one address; links to all that it gets are counted apart, up to the same number."""
    confirmations_per_hour: Count = 1000
    """For everyone together."""
    asks_per_network: Count = 30
    """How often one network address may ask in an hour, for whatever mail addresses."""
    answer_milliseconds: CountOrNone = 250
    """After how long every sign-up is answered, so that the time tells nothing of the address."""
    link_hours: Count = 48


class Running(Section):
    """The pace of the process."""

    sweep_seconds: Count = 30
    """How often the database is asked what is due, beside the alarm for the next date."""
    stop_seconds: Count = 20
    """How long a stop waits for what is under way."""


class Health(Section):
    """Who is told how the service is, beside the one sentence for everybody."""

    token: Token | None = None
    """Whoever shows it (Authorization: Bearer) sees the details; without it only this machine does."""
    heartbeat_url: CalledAddress | None = None
    """Called after each good sweep, so that somebody notices when no call comes."""
    backup_file: Line | None = None
    """The file that a backup writes, or a pattern such as "/backups/*.db"; None: nobody looks for one."""
