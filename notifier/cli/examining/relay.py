"""The mail server, asked as the service asks it: with a letter or without one, over the real transport."""

from collections.abc import Sequence
from datetime import datetime

from notifier.cli.examining.certificates import FEW_DAYS, days_left, told
from notifier.cli.finding import Finding, attention, failed, fine
from notifier.delivery.errand import Errand
from notifier.delivery.model import Letter, ServerFault, Verdict
from notifier.delivery.refusal import Stage
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_connection import Connection, Offer
from notifier.delivery.smtp_server import SmtpServer, tls_of
from notifier.delivery.smtp_trouble import Trouble

SUBJECT = "mail server"

_REMEDIES = {
    Stage.CONNECT: "See whether mail.host and mail.port are right, and whether a firewall is in between.",
    Stage.HELLO: "It may want a name in EHLO that it can look up: set mail.local_hostname.",
    Stage.TLS: "Mend its certificate or its STARTTLS, or choose another mail.security.",
    Stage.LOGIN: "See whether mail.username and mail.password are right, and may send.",
}


async def greet(server: SmtpServer, *, now: datetime) -> Sequence[Finding]:
    """Connect, encrypt and log in as configured, then leave; say what was offered."""
    try:
        connection = await Connection.open(server, tls=tls_of(server))
    except Trouble as trouble:
        return [_in_trouble(server, trouble)]
    offer = connection.offer
    connection.leave()
    who = f" as {server.username}" if server.username is not None else ""
    words = f"{server.host} port {server.port} takes us{who}; it was sent nothing."
    return [fine(SUBJECT, words), *_security(offer, now), _extensions(offer)]


async def send(server: SmtpServer, letter: Letter) -> Sequence[Finding]:
    """Send one test mail, and tell the server's own answer."""
    try:
        async with Errand(SmtpPool(server)) as errand:
            outcome = await errand.send(letter)
    except ServerFault as fault:
        return [failed("test mail", f"It was not sent: {fault.reason}.", _REMEDIES[Stage.CONNECT])]
    reply = f"{outcome.code or ''} {outcome.reply}".strip()
    if outcome.verdict is Verdict.ACCEPTED:
        words = f"Handed to {server.host} for {letter.recipient}; its answer: {reply}"
        return [attention("test mail", words, "Open it in the mailbox: it says what to look for.")]
    remedy = "The address may be wrong, or the server does not relay for us."
    return [failed("test mail", f"{server.host} did not take it: {reply}", remedy)]


def _in_trouble(server: SmtpServer, trouble: Trouble) -> Finding:
    where = f"{server.host} port {server.port}"
    return failed(SUBJECT, f"{where} cannot be used: at {trouble}.", _REMEDIES.get(trouble.stage, ""))


def _security(offer: Offer, now: datetime) -> Sequence[Finding]:
    if offer.tls is None and offer.local:
        return [fine("mail connection", "It is not encrypted, and does not leave this machine.")]
    if offer.tls is None:
        remedy = 'Good only within a network that is trusted: else set mail.security to "starttls".'
        return [attention("mail encryption", "The connection to the mail server is not encrypted.", remedy)]
    sentence = f"{offer.tls} with {offer.cipher}; {told(offer.certificate, now)}."
    if days_left(offer.certificate, now) < FEW_DAYS:
        remedy = "Renew it: with an expired certificate nothing is sent."
        return [attention("mail encryption", sentence, remedy)]
    return [fine("mail encryption", sentence)]


def _extensions(offer: Offer) -> Finding:
    size = offer.extensions.get("size", "")
    most = f", mails up to {int(size) // 1_000_000} MB" if size.isdecimal() and int(size) else ""
    offered = [name for name in ("PIPELINING", "SMTPUTF8", "SIZE") if name.lower() in offer.extensions]
    missing = [name for name in ("PIPELINING", "SMTPUTF8", "SIZE") if name not in offered]
    words = f"Offered: {', '.join(offered) or 'none of these'}{most}. "
    words += f"Not offered: {', '.join(missing)}." if missing else "Nothing is missing."
    if "SMTPUTF8" in missing:
        words += " Without SMTPUTF8, addresses beyond ASCII get no mail."
    return fine("mail extensions", words)
