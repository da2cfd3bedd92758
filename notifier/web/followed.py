"""What a subscription follows, in words and with its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.naming import group_name
from notifier.events.titles import clean, quoted
from notifier.procedures import store as procedures
from notifier.settings import Service
from notifier.subscriptions.model import Subscription
from notifier.subscriptions.topics import Topic, TopicKind

ALL = "all"
"""What forms call everything."""


def form_value(topic: Topic) -> str:
    """Return what forms and links call a group: "process:ip"."""
    return f"{topic.kind}:{clean(topic.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """`words` end a sentence such as "alerts about …"; `page` and `again` are addresses within the site."""

    words: str
    page: str
    again: str


async def followed(conn: AsyncConnection, topic: Topic, service: Service) -> Followed:
    """Name what is followed; a procedure that is out of sight now is not named."""
    if topic.kind is TopicKind.PROCEDURE:
        ids = [int(topic.value)]
        found = (await procedures.load(conn, ids)).get(ids[0])
        if found is None or found.draft:
            words = f"a {service.topic_noun} that is not listed here now"
            return Followed(words=words, page="/procedures", again="/subscribe")
        slug = quote(found.slug, safe="")
        words = quoted(found.title, found.shown_id)
        return Followed(words=words, page=f"/procedures/{slug}", again=f"/subscribe?to={slug}")
    if topic.kind is TopicKind.ALL:
        return Followed(words=f"all {service.topic_noun}s", page="/procedures", again="/subscribe")
    again = f"/subscribe?to={quote(form_value(topic), safe='')}"
    words = f"all {service.topic_noun}s of “{await group_name(conn, topic)}”"
    return Followed(words=words, page="/procedures", again=again)


async def followed_by(
    conn: AsyncConnection, causes: Sequence[Subscription], service: Service
) -> Sequence[Followed]:
    """Name what several subscriptions follow."""
    return [await followed(conn, one.topic, service) for one in causes]
