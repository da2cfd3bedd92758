"""What can be followed. Pure: which topics a fact about a procedure belongs to."""

from dataclasses import dataclass
from enum import StrEnum


class TopicKind(StrEnum):
    """What a subscription follows."""

    ALL = "all"
    PROCEDURE = "procedure"
    PROCESS = "process"
    TECHNOLOGY = "technology"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing to follow: everything, one procedure (by its id), a process or a technology type."""

    kind: TopicKind
    value: str = ""


EVERYTHING = Topic(kind=TopicKind.ALL)


def procedure_topic(procedure_id: int) -> Topic:
    """Return the topic of one procedure."""
    return Topic(kind=TopicKind.PROCEDURE, value=str(procedure_id))


def topics_of(procedure_id: int, *, process: str | None, technology_type: str | None) -> tuple[Topic, ...]:
    """Return every topic under which a fact about this procedure is told."""
    topics = [EVERYTHING, procedure_topic(procedure_id)]
    if process:
        topics.append(Topic(kind=TopicKind.PROCESS, value=process.casefold()))
    if technology_type:
        topics.append(Topic(kind=TopicKind.TECHNOLOGY, value=technology_type.casefold()))
    return tuple(topics)
