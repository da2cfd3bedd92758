"""What can be followed from a form: one procedure, a process, a technology type, or everything."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.titles import clean, quoted
from notifier.procedures import public
from notifier.procedures import store as procedures
from notifier.settings import Service
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from notifier.web.followed import ALL, form_value

_LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing to follow: what the form calls it, how it is named there, and the topic it stands for."""

    value: str
    name: str
    topic: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What a form offers. `slug` is set where it is about one procedure, whose offers then come first."""

    everything: Offer
    slug: str = ""
    about_it: tuple[Offer, ...] = ()
    processes: tuple[Offer, ...] = ()
    technologies: tuple[Offer, ...] = ()

    @property
    def radios(self) -> tuple[Offer, ...]:
        """What is offered on the form about one procedure, the narrowest first."""
        return (*self.about_it, self.everything)

    def find(self, value: str) -> Offer | None:
        """Return what the form calls `value`; None if it offers nothing of that name."""
        every = (*self.about_it, *self.processes, *self.technologies, self.everything)
        return next((one for one in every if one.value.casefold() == value.casefold()), None)


async def about_none(conn: AsyncConnection, service: Service) -> Offers:
    """Return what can be followed without naming a procedure: everything, or a group that some belong to."""
    groups, nouns = await public.groups(conn), f"{service.topic_noun}s"
    return Offers(
        everything=_everything(nouns),
        processes=_groups(TopicKind.PROCESS, groups.processes, nouns),
        technologies=_groups(TopicKind.TECHNOLOGY, groups.technology_types, nouns),
    )


async def about_one(conn: AsyncConnection, reference: str, service: Service) -> Offers | None:
    """Return what can be followed from the page of a procedure; None if there is no such one."""
    listed = await public.find(conn, clean(reference))
    if listed is None:
        return None
    found = (await procedures.load(conn, [listed.id]))[listed.id]
    nouns = f"{service.topic_noun}s"
    name = quoted(found.title, found.shown_id)
    return Offers(
        everything=_everything(nouns),
        slug=found.slug,
        about_it=(
            Offer(value=found.slug, name=name, topic=procedure_topic(found.id)),
            *_groups(TopicKind.PROCESS, _folded(found.facts.process), nouns),
            *_groups(TopicKind.TECHNOLOGY, _folded(found.facts.technology_type), nouns),
        ),
    )


def unknown_words(value: str, service: Service) -> str:
    """Return what is said of something to follow that is not here."""
    noun = service.topic_noun
    return (
        f"There is no {noun} “{clean(value)[:_LONGEST_QUOTE]}” here. Choose one from the list of all {noun}s."
    )


def _groups(kind: TopicKind, spelt: Mapping[str, str], nouns: str) -> tuple[Offer, ...]:
    """Return the offers of one kind; a process is named by its code, a technology type by its word."""
    lead = "of process" if kind is TopicKind.PROCESS else "of type"
    return tuple(
        Offer(
            value=form_value(Topic(kind=kind, value=folded)),
            name=f"All {nouns} {lead} “{clean(value)}”",
            topic=Topic(kind=kind, value=folded),
        )
        for folded, value in spelt.items()
    )


def _everything(nouns: str) -> Offer:
    return Offer(value=ALL, name=f"All {nouns}", topic=EVERYTHING)


def _folded(value: str | None) -> Mapping[str, str]:
    return {value.casefold(): value} if value else {}
