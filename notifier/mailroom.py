"""What leaves by mail, and what comes back by it, wired from the settings for `app.py`."""

from functools import partial

from notifier.bounces.ingest import Intake
from notifier.bounces.watch import MaildirWatch
from notifier.clock import Clock
from notifier.db import Database
from notifier.delivery.allowance import Allowance
from notifier.delivery.deliver import Deliverer
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_server import SmtpServer
from notifier.delivery.tally import DeliveryTally
from notifier.events.bind import MailBinder
from notifier.events.catalogues import load_languages
from notifier.events.post import Post
from notifier.events.stationery import stationery_of
from notifier.procedures.due import Rules
from notifier.settings import ServingMail, ServingSettings
from notifier.subscriptions.return_path import ReturnPath
from notifier.subscriptions.tokens import Signer
from notifier.subscriptions.unreachable import end_address


def smtp_server(mail: ServingMail) -> SmtpServer:
    """Return the mail server that the settings name."""
    return SmtpServer(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.username,
        password=mail.password.get_secret_value() if mail.password else None,
        connections=mail.connections,
        letters_per_connection=mail.letters_per_connection,
        timeout=mail.timeout_seconds,
        local_hostname=mail.local_hostname,
    )


def post_of(settings: ServingSettings, *, signer: Signer, rules: Rules) -> Post:
    """Return what every letter of this service has in common."""
    mail = settings.mail
    return Post(
        service=settings.service,
        sender=mail.sender,
        reply_to=mail.reply_to,
        signer=signer,
        rules=rules,
        return_path=None if mail.bounces is None else ReturnPath(mail.bounces),
        stationery=stationery_of(mail),
        languages=load_languages(mail.languages_folder),
    )


def deliverer_of(
    settings: ServingSettings,
    db: Database,
    *,
    signer: Signer,
    rules: Rules,
    clock: Clock,
    tally: DeliveryTally,
) -> Deliverer:
    """Return the task that sends mail."""
    mail = settings.mail
    binder = MailBinder(
        post=post_of(settings, signer=signer, rules=rules),
        link_hours=settings.sign_up.link_hours,
        staff=settings.staff.addresses,
    )
    return Deliverer(
        db,
        SmtpPool(smtp_server(mail), tally),
        bind=binder,
        end_address=partial(end_address, signer=signer),
        clock=clock,
        uncommitted=mail.uncommitted,
        allowance=Allowance(
            zone=rules.zone,
            per_second=mail.per_second,
            per_domain=mail.per_domain,
            per_day=mail.per_day,
        ),
        tally=tally,
    )


def maildir_of(
    settings: ServingSettings, db: Database, *, signer: Signer, clock: Clock
) -> MaildirWatch | None:
    """Return the task that reads mail which came back; None where the settings name no Maildir."""
    mailbox, path = settings.mail.bounces, settings.bounces.maildir
    if mailbox is None or path is None:
        return None
    intake = Intake(mailbox=ReturnPath(mailbox), signer=signer, soft_run=settings.bounces.soft_run)
    return MaildirWatch(db, path, intake, clock=clock)
