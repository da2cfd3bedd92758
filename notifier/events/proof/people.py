"""Who has an address, or once had one: found by the address, or by its keyed hash after they left it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.proof.model import Move, Person
from notifier.subscriptions.tables import address_change, subscriber
from notifier.subscriptions.tokens import Signer


@dataclass(frozen=True, slots=True)
class Asked:
    """The address that is asked about: its key, and its keyed hash."""

    key: str
    hash: str

    @classmethod
    def of(cls, address_key: str, signer: Signer) -> "Asked":
        """Return the address with this key."""
        return cls(address_key, signer.address_hash(address_key))

    def is_address_of(self, person: Person) -> bool:
        """Whether a person has the address, or had it when they were erased."""
        return person.address_hash == self.hash or (person.address or "").casefold() == self.key


async def who_had(conn: AsyncConnection, asked: Asked) -> Sequence[int]:
    """Return everybody who has, or had, an address; each of the three ways has an index of its own."""
    by_key = select(subscriber.c.id).where(subscriber.c.address_key == asked.key)
    erased = select(subscriber.c.id).where(subscriber.c.address_hash == asked.hash)
    left = select(address_change.c.subscriber_id).where(address_change.c.left_hash == asked.hash)
    return sorted(await conn.scalars(union(by_key, erased, left)))


async def with_moves(
    conn: AsyncConnection, people: Collection[Person], asked: Asked | None = None
) -> list[Person]:
    """Add when these people left which address for another, as far as that is kept still."""
    ids = [one.subscriber_id for one in people]
    query = select(
        address_change.c.subscriber_id, address_change.c.left_hash, address_change.c.done_at
    ).where(address_change.c.subscriber_id.in_(ids), address_change.c.left_hash.is_not(None))
    moves: defaultdict[int, list[Move]] = defaultdict(list)
    for row in await conn.execute(query.order_by(address_change.c.done_at)):
        is_asked = asked is not None and row.left_hash == asked.hash
        moves[row.subscriber_id].append(Move(at=row.done_at, asked=is_asked))
    return [_moved(one, tuple(moves.get(one.subscriber_id, ())), asked) for one in people]


def _moved(person: Person, moves: tuple[Move, ...], asked: Asked | None) -> Person:
    gone = asked is not None and not asked.is_address_of(person)
    left = [one.at for one in moves if one.asked] if gone else []
    return replace(person, moves=moves, left_at=left[-1] if left else None)
