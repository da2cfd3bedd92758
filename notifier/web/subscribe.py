"""The form that asks for alerts by mail. Whoever types an address gets the same answer, known or not."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic

from aiohttp import hdrs, web

from notifier.clock import machine_now
from notifier.events.interest import Preset, kinds_of
from notifier.events.titles import clean, quoted
from notifier.events.wording import count
from notifier.procedures import public
from notifier.procedures import store as procedures
from notifier.subscriptions.lifecycle import sign_up
from notifier.subscriptions.model import InvalidAddress
from notifier.subscriptions.topics import EVERYTHING, Topic, procedure_topic
from notifier.web.followed import ALL
from notifier.web.form_data import read_form
from notifier.web.keys import FENCE, LIMITS, SITE, Site
from notifier.web.rendering import PAGES
from notifier.web.same_answer import rest_of_beat
from notifier.web.security import refuse_cross_site
from notifier.web.visitor import address_of, network_of, visitor

log = logging.getLogger(__name__)

TRAP = "website"
"""A field that people cannot see; whoever fills it in is a program."""

LONGEST_ADDRESS = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetChoice:
    """One way to choose what is sent, with a sentence that says what it means."""

    value: Preset
    name: str
    meaning: str


CHOICES = (
    PresetChoice(
        value=Preset.DEADLINES,
        name="Deadlines and results",
        meaning="When comments open and are about to close, when dates of consultation or publication "
        "change, and when guidance is published or work stops.",
    ),
    PresetChoice(
        value=Preset.OPENINGS,
        name="Openings only",
        meaning="Only when comments open.",
    ),
    PresetChoice(
        value=Preset.EVERY_STEP,
        name="Every step",
        meaning="All of the above, and committee meetings, closings and every other date.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the form shows: what was typed and chosen, and what was wrong with it, by field.

    `slug` and `topic` are empty where only everything can be followed from here.
    """

    slug: str = ""
    topic: str = ""
    to: str = ALL
    preset: str = Preset.DEADLINES
    address: str = ""
    address_error: str = ""
    to_error: str = ""
    preset_error: str = ""

    @property
    def wrong(self) -> bool:
        """Whether anything has to be typed again."""
        return bool(self.address_error or self.to_error or self.preset_error)


def routes() -> list[web.RouteDef]:
    """Return the routes of the form."""
    return [web.get("/subscribe", _show), web.post("/subscribe", _send)]


async def _show(request: web.Request) -> web.Response:
    form, _ = await _about(request.app[SITE], request.query.get("to", ALL))
    return _form_page(request, form)


async def _send(request: web.Request) -> web.Response:
    site = request.app[SITE]
    refuse_cross_site(request)
    sent = await read_form(request)
    form, topic = await _about(site, sent.get("to", ALL), offered=sent.get("topic", ""))
    form = _filled(form, sent)
    if topic is None or form.wrong:
        return _form_page(request, form)
    _count_network(request)
    began = monotonic()
    if not sent.get(TRAP):
        try:
            await _ask(site, form, topic)
        except InvalidAddress:
            return _form_page(request, replace(form, address_error=_no_address(form.address)))
    await asyncio.sleep(rest_of_beat(monotonic() - began, request.app[LIMITS].answer_after.total_seconds()))
    return request.app[PAGES].private(
        "sent", address=form.address, hours=site.limits.link_hours, most=site.limits.per_address_and_day
    )


def _count_network(request: web.Request) -> None:
    """Let one network address ask only so often, whatever mail addresses it types.

    Raises:
        web.HTTPTooManyRequests: it has asked that often within the hour.
    """
    peer = address_of(request.remote or "")
    forwarded = request.headers.getall(hdrs.X_FORWARDED_FOR, [])
    found = visitor(peer, forwarded, request.app[LIMITS].trusted_proxies)
    if found is None:
        return
    wait = request.app[FENCE].wait(network_of(found), machine_now())
    if wait is not None:
        minutes = -(-wait // timedelta(minutes=1))
        log.warning("sign_up_fenced_by_network")
        raise web.HTTPTooManyRequests(
            headers={hdrs.RETRY_AFTER: str(minutes * 60)},
            text="To protect people's mailboxes, we take only so many requests an hour from one network. "
            f"Nothing was sent. Try again in {count(minutes, 'minute')}.",
        )


async def _ask(site: Site, form: Form, topic: Topic) -> None:
    became = await sign_up(
        site.db,
        address=form.address,
        topic=topic,
        kinds=kinds_of(Preset(form.preset)),
        signer=site.signer,
        limits=site.limits,
        now=site.clock.now(),
        machine_now=machine_now(),
        language=site.language,
    )
    log.info("sign_up", extra={"became": became.value})
    site.ring()


async def _about(site: Site, to: str, *, offered: str = "") -> tuple[Form, Topic | None]:
    """Return the form about a procedure or about everything, and the topic chosen; None if there is no such.

    `offered` is the procedure that the form stood for when it was sent with "all" chosen.
    """
    noun = site.service.topic_noun
    reference = clean(offered if to == ALL else to)
    async with site.db.read() as conn:
        listed = await public.find(conn, reference) if reference else None
        if listed is None:
            if to == ALL:
                return Form(), EVERYTHING
            error = f"There is no {noun} “{clean(to)[:80]}” here. Choose one from the list of all {noun}s."
            return Form(to_error=error), None
        found = (await procedures.load(conn, [listed.id]))[listed.id]
    form = Form(slug=found.slug, topic=quoted(found.title, found.shown_id))
    if to == ALL:
        return form, EVERYTHING
    return replace(form, to=found.slug), procedure_topic(found.id)


def _filled(form: Form, sent: Mapping[str, str]) -> Form:
    address = clean(sent.get("address", ""))
    preset = sent.get("preset", Preset.DEADLINES)
    known = preset in [choice.value for choice in CHOICES]
    wrong = not address or len(address) > LONGEST_ADDRESS
    return replace(
        form,
        address=address[:LONGEST_ADDRESS],
        address_error=_no_address(address) if wrong else "",
        preset=preset if known else Preset.DEADLINES,
        preset_error="" if known else "Choose one of these.",
    )


def _no_address(typed: str) -> str:
    if not typed:
        return "Type your email address."
    return "We cannot send mail to this address. Check it: it should look like name@example.org."


def _form_page(request: web.Request, form: Form) -> web.Response:
    status = 422 if form.wrong else 200
    return request.app[PAGES].private(
        "subscribe", status=status, form=form, choices=CHOICES, all=ALL, trap=TRAP
    )
