"""What stands between these settings and a service that runs: looked at, never changed. No secret is told."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from notifier import zone_data
from notifier.cli.data_checkup import data_folder, database, secret
from notifier.cli.finding import Finding, attention, failed, fine
from notifier.cli.source_checkup import sources
from notifier.events.checking.check import mail_flaws
from notifier.settings import (
    DEFAULT_SECRETS,
    ServingSettings,
    Settings,
    SettingsError,
    for_serving,
    load_settings,
)

_EXAMPLES = ("example.org", "example.com", "example.net", "example charity", "1 example street")
"""What stands in the example settings and must not stand in a mail (RFC 2606)."""

_NOBODYS = re.compile(r"\.example(?!\.?[\w-])")
"""The end of domains that nobody can have (RFC 2606): whoever wrote one left nothing as it was."""

_TEMPLATES_CHECK = "`notifier templates check` looks at these alone."


def check_up(
    config: Path | None, environ: Mapping[str, str], *, today: date, usual_secrets: Path = DEFAULT_SECRETS
) -> Sequence[Finding]:
    """Look at everything that the settings name. Settings that cannot be read are all there is to find."""
    try:
        settings = load_settings(config, environ, usual_secrets=usual_secrets)
    except SettingsError as error:
        return [failed("settings", str(problem)) for problem in error.problems]
    return [
        fine("settings", "Every setting is known and has a value that it can have."),
        *_identity(settings),
        *_mails(settings),
        *sources(settings, today),
        _zones(today),
        data_folder(settings.database.path),
        *secret(settings.database.path),
        *asyncio.run(database(settings)),
    ]


def _identity(settings: Settings) -> Iterator[Finding]:
    try:
        serving = for_serving(settings)
    except SettingsError as error:
        yield from (failed("identity", str(problem)) for problem in error.problems)
        return
    said = {name: value.lower() for name, value in _said_in_public(serving)}
    if left := [name for name, value in said.items() if any(word in value for word in _EXAMPLES)]:
        words = f"Still as in the example: {', '.join(left)}."
        yield attention("identity", words, "Say who you are before anybody gets a mail.")
    if unreal := [name for name, value in said.items() if _NOBODYS.search(value)]:
        words = f"“.example” is no real domain, and stands in: {', '.join(unreal)}."
        yield attention("identity", words, "Name a domain of yours before anybody gets a mail.")
    if not left and not unreal:
        yield fine("identity", f"{serving.service.name}, run by {serving.service.operator}.")
    public = urlsplit(serving.service.public_url)
    if public.scheme != "https" and public.hostname not in ("localhost", "127.0.0.1"):
        yield attention(
            "identity", "public_url begins with http: links can be read on the way.", "Let a proxy end TLS."
        )


def _mails(settings: Settings) -> Iterator[Finding]:
    """Look at the operator's templates and catalogues of mails, if there are any."""
    mail = settings.mail
    if settings.service is None or (mail.templates is None and mail.languages_folder is None):
        return
    found = mail_flaws(mail, settings.service)
    for one in found:
        yield failed("mails", str(one)) if one.grave else attention("mails", str(one), _TEMPLATES_CHECK)
    if not found:
        yield fine("mails", "Every kind of mail can be made with your templates and catalogues.")


def _said_in_public(serving: ServingSettings) -> Iterator[tuple[str, str]]:
    service = serving.service
    for name in ("operator", "postal_address", "contact", "privacy_contact", "public_url"):
        yield f"service.{name}", getattr(service, name)
    yield "mail.sender", serving.mail.sender
    yield "mail.reply_to", serving.mail.reply_to


def _zones(today: date) -> Finding:
    version = zone_data.zone_version()
    if version is None:
        return fine("zone data", "There is time-zone data; it does not say its version.")
    if zone_data.is_old(version, today):
        remedy = "Update the system's tzdata, or the Python package of that name."
        return attention("zone data", f"The time-zone data is older than 12 months: {version}.", remedy)
    return fine("zone data", f"The version of the time-zone data is {version}.")
