"""How what a subscription follows is named in a mail."""

import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import DialectText
from notifier.events.replies import asked_for_all, asked_for_one, asked_for_some
from notifier.events.titles import clean
from notifier.events.words import Asked
from notifier.procedures import public
from notifier.procedures import store as procedures
from notifier.settings import Service
from notifier.subscriptions.model import Subscription
from notifier.subscriptions.topics import Topic, TopicKind

_TOPICS = DialectText(
    sqlite="SELECT id, kind, value FROM topic WHERE id IN (SELECT value FROM json_each(:numbers))",
    postgresql="""
SELECT t.id, t.kind, t.value FROM jsonb_array_elements_text(CAST(:numbers AS jsonb)) AS n(id)
JOIN topic AS t ON t.id = CAST(n.id AS bigint)
""",
)


async def named(
    conn: AsyncConnection, asked: Sequence[Subscription], service: Service
) -> Mapping[int, Asked]:
    """Return the names of what these subscriptions follow, by subscription."""
    names = await _names(conn, {one.topic for one in asked}, service)
    return {one.id: names[one.topic] for one in asked}


async def named_topics(
    conn: AsyncConnection, topic_ids: Collection[int], service: Service
) -> Mapping[int, Asked]:
    """Return the names of these topics, by their ids."""
    rows = await conn.execute(_TOPICS.on(conn), {"numbers": json.dumps(sorted(topic_ids))})
    topics = {id_: Topic(kind=TopicKind(kind), value=value) for id_, kind, value in rows}
    names = await _names(conn, set(topics.values()), service)
    return {topic_id: names[one] for topic_id, one in topics.items()}


async def _names(conn: AsyncConnection, topics: Collection[Topic], service: Service) -> Mapping[Topic, Asked]:
    ids = [int(one.value) for one in topics if one.kind is TopicKind.PROCEDURE]
    found = await procedures.titles(conn, ids) if ids else {}
    grouped = any(one.kind not in (TopicKind.PROCEDURE, TopicKind.ALL) for one in topics)
    groups = await public.groups(conn) if grouped else public.Groups(processes={}, technology_types={})
    names: dict[Topic, Asked] = {}
    for one in topics:
        if one.kind is TopicKind.PROCEDURE:
            names[one] = asked_for_one(*found[int(one.value)])
        elif one.kind is TopicKind.ALL:
            names[one] = asked_for_all(service)
        else:
            names[one] = asked_for_some(_spelt(one, groups), service)
    return names


async def group_name(conn: AsyncConnection, topic: Topic) -> str:
    """Return a process or technology type as the procedures spell it; what none has now, as stored."""
    return _spelt(topic, await public.groups(conn))


def _spelt(topic: Topic, groups: public.Groups) -> str:
    spelt = groups.processes if topic.kind is TopicKind.PROCESS else groups.technology_types
    return clean(spelt.get(topic.value, topic.value))
