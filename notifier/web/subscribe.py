"""The form that asks for alerts by mail. Whoever types an address gets the same answer, known or not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from notifier.events.choices import (
    REMINDED,
    USUAL,
    Choice,
    preset_choices,
    reminder_choices,
    rhythm_choices,
    rhythm_of,
    usual_rhythm,
)
from notifier.events.interest import Preset, kinds_of
from notifier.subscriptions.lifecycle import sign_up
from notifier.subscriptions.model import RHYTHMS, InvalidAddress, rhythm_name
from notifier.web.asking import (
    TRAP,
    answered_on_the_beat,
    count_network,
    no_address,
    trapped,
    typed_address,
)
from notifier.web.followed import ALL
from notifier.web.form_data import read_form
from notifier.web.keys import SITE, Site
from notifier.web.offered import Offer, Offers, about_none, about_one, unknown_words
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

log = logging.getLogger(__name__)

_CHOOSE = "Choose one of these."


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the form shows: what it offers, what was typed and chosen, and what was wrong, by field."""

    offers: Offers
    chosen: Offer
    preset: str = Preset.DEADLINES
    rhythm: str = USUAL
    reminders: str = REMINDED
    address: str = ""
    address_error: str = ""
    to_error: str = ""
    preset_error: str = ""
    rhythm_error: str = ""
    reminders_error: str = ""

    @property
    def wrong(self) -> bool:
        """Whether anything has to be chosen or typed again."""
        errors = (self.preset_error, self.rhythm_error, self.reminders_error)
        return bool(self.address_error or self.to_error or any(errors))


def routes() -> list[web.RouteDef]:
    """Return the routes of the form."""
    return [web.get("/subscribe", _show), web.post("/subscribe", _send)]


async def _show(request: web.Request) -> web.Response:
    return _form_page(request, await _about(request.app[SITE], request.query.get("to", ALL)))


async def _send(request: web.Request) -> web.Response:
    site = request.app[SITE]
    refuse_cross_site(request)
    sent = await read_form(request)
    form = _filled(await _about(site, sent.get("to", ALL), offered=sent.get("topic", "")), sent)
    if form.wrong:
        return _form_page(request, form)
    count_network(request)
    try:
        async with answered_on_the_beat(request):
            if not trapped(sent):
                await _ask(site, form)
    except InvalidAddress as error:
        return _form_page(request, replace(form, address_error=no_address(form.address, error)))
    return request.app[PAGES].private(
        "sent", address=form.address, hours=site.limits.link_hours, most=site.limits.per_address_and_day
    )


async def _ask(site: Site, form: Form) -> None:
    topic = form.chosen.topic
    became = await sign_up(
        site.db,
        address=form.address,
        topic=topic,
        kinds=kinds_of(Preset(form.preset)),
        rhythm=rhythm_of(form.rhythm, topic),
        reminders=form.reminders == REMINDED,
        language=site.language,
        fence=site.fence(),
    )
    log.info("sign_up", extra={"became": became.value})
    site.ring()


async def _about(site: Site, to: str, *, offered: str = "") -> Form:
    """Return the form that offers `to`: a procedure's reference, a group, or everything.

    `offered` is the procedure that the form stood for when it was sent.
    """
    async with site.db.read() as conn:
        found = await about_one(conn, offered, site.service) if offered else None
        found = found or await about_none(conn, site.service)
        chosen = found.find(to)
        named = None if chosen else await about_one(conn, to, site.service)
    if named is not None:
        return Form(offers=named, chosen=named.about_it[0])
    if chosen is None:
        return Form(offers=found, chosen=found.everything, to_error=unknown_words(to, site.service))
    return Form(offers=found, chosen=chosen)


def _filled(form: Form, sent: Mapping[str, str]) -> Form:
    address, address_error = typed_address(sent)
    preset = sent.get("preset", Preset.DEADLINES)
    rhythm = sent.get("rhythm", USUAL)
    reminders = sent.get("reminders", REMINDED)
    presets, answers = ([one.value for one in each] for each in (preset_choices(), reminder_choices()))
    return replace(
        form,
        address=address,
        address_error=address_error,
        preset=preset if preset in presets else Preset.DEADLINES,
        preset_error="" if preset in presets else _CHOOSE,
        rhythm=rhythm if rhythm in (USUAL, *RHYTHMS) else USUAL,
        rhythm_error="" if rhythm in (USUAL, *RHYTHMS) else _CHOOSE,
        reminders=reminders if reminders in answers else REMINDED,
        reminders_error="" if reminders in answers else _CHOOSE,
    )


def _form_page(request: web.Request, form: Form) -> web.Response:
    site = request.app[SITE]
    rhythms, rhythm = rhythm_choices(site.rules.announce_at), form.rhythm
    if form.offers.slug:
        name = f"Usual: at once for one {site.service.topic_noun}, daily for more"
        rhythms = (Choice(value=USUAL, name=name), *rhythms)
    elif rhythm == USUAL:
        rhythm = rhythm_name(usual_rhythm(form.chosen.topic))
    return request.app[PAGES].private(
        "subscribe",
        status=422 if form.wrong else 200,
        form=form,
        presets=preset_choices(),
        rhythms=rhythms,
        rhythm=rhythm,
        reminders=reminder_choices(),
        trap=TRAP,
    )
