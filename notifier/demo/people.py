"""Two people who sign up as anybody would: through the web form, and the link in the mail it causes."""

import re
from dataclasses import dataclass

import aiohttp

from notifier.demo.inbox import Inbox
from notifier.events.interest import Preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who wants to be told. `follows` is a reference, or "all"."""

    name: str
    address: str
    follows: str
    preset: Preset


ADA = Person(name="Ada", address="ada@patients.example", follows="GID-IPG10158", preset=Preset.EVERY_STEP)
BEN = Person(name="Ben", address="ben@charity.example", follows="all", preset=Preset.DEADLINES)

_CONFIRMATION = re.compile(r"https?://\S+/confirm/[a-z2-7]+")


class SignUpError(Exception):
    """A person could not sign up: the demo cannot show what it promises."""


async def sign_up(person: Person, *, site: str, inbox: Inbox) -> None:
    """Fill in the form, wait for the mail, open its link and press the button.

    Raises:
        SignUpError: a page did not answer as it should.
        TimeoutError: no confirmation came.
    """
    form = {"address": person.address, "to": person.follows, "preset": person.preset.value}
    form["rhythm"] = "at-once"  # so that each mail is seen beside the date that causes it
    async with aiohttp.ClientSession() as browser:
        await _open(browser, "GET", f"{site}/subscribe?to={person.follows}")
        await _open(browser, "POST", f"{site}/subscribe", form)
        link = _CONFIRMATION.search((await inbox.first_to(person.address)).text)
        if link is None:
            raise SignUpError(f"the mail to {person.address} has no link to confirm with")
        await _open(browser, "GET", link.group())
        await _open(browser, "POST", link.group())


async def _open(
    browser: aiohttp.ClientSession, method: str, url: str, form: dict[str, str] | None = None
) -> None:
    async with browser.request(method, url, data=form) as answer:
        if answer.status != 200:
            raise SignUpError(f"{method} {url} answered {answer.status}")
