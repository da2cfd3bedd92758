"""How what a subscription follows is named in a mail."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.replies import asked_for_all, asked_for_one, asked_for_some
from notifier.events.titles import clean
from notifier.events.words import Asked
from notifier.procedures import public
from notifier.procedures import store as procedures
from notifier.settings import Service
from notifier.subscriptions.model import Subscription
from notifier.subscriptions.topics import Topic, TopicKind


async def named(
    conn: AsyncConnection, asked: Sequence[Subscription], service: Service
) -> Mapping[int, Asked]:
    """Return the names of what these subscriptions follow, by subscription."""
    ids = [int(one.topic.value) for one in asked if one.topic.kind is TopicKind.PROCEDURE]
    found = await procedures.load(conn, ids)
    names: dict[int, Asked] = {}
    for one in asked:
        if one.topic.kind is TopicKind.PROCEDURE:
            about = found[int(one.topic.value)]
            names[one.id] = asked_for_one(about.title, about.shown_id)
        elif one.topic.kind is TopicKind.ALL:
            names[one.id] = asked_for_all(service)
        else:
            names[one.id] = asked_for_some(await group_name(conn, one.topic), service)
    return names


async def group_name(conn: AsyncConnection, topic: Topic) -> str:
    """Return a process or technology type as the procedures spell it; what none has now, as stored."""
    groups = await public.groups(conn)
    spelt = groups.processes if topic.kind is TopicKind.PROCESS else groups.technology_types
    return clean(spelt.get(topic.value, topic.value))
