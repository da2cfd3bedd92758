"""Expanding and sending, and what rings for them: what `serve` and `worker` have in common."""

from typing import Protocol

from notifier.clock import Clock
from notifier.db import Database
from notifier.delivery.engine import Embedded, Engine
from notifier.delivery.tally import DeliveryTally
from notifier.events import mailings
from notifier.mailroom import deliverer_of
from notifier.procedures.due import Rules
from notifier.rounds import Rounds
from notifier.scheduling import Expander
from notifier.settings import ServingSettings
from notifier.subscriptions.tokens import Signer
from notifier.tasks import Tasks


class _Beside(Protocol):
    """A task beside those that expand and send."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class Workshop:
    """The tasks of one process that bring mailings to people. On SQLite it is alone and rings itself."""

    def __init__(
        self, settings: ServingSettings, db: Database, *, signer: Signer, rules: Rules, clock: Clock
    ) -> None:
        self._db = db
        self._clock = clock
        self.sent = DeliveryTally()
        self.deliverer = deliverer_of(settings, db, signer=signer, rules=rules, clock=clock, tally=self.sent)
        self.engine: Engine = Embedded(send=self.deliverer.ring)
        self._beside: dict[str, _Beside] = {}
        if not db.is_sqlite:
            self._join_others()
        self.expander = Expander(db, clock, rules, ready=self.engine.ready)

    def spawn(self, tasks: Tasks) -> None:
        """Begin all of them."""
        tasks.spawn("deliver", self.deliverer.run())
        tasks.spawn("expand", self.expander.run())
        for name, beside in self._beside.items():
            tasks.spawn(name, beside.run())

    def stop(self) -> None:
        """Let all of them finish what is under way and end."""
        for beside in self._beside.values():
            beside.stop()
        self.expander.stop()
        self.deliverer.stop()

    def _join_others(self) -> None:
        from notifier.delivery.doorbells import Doorbells, Work  # noqa: PLC0415 - an extra, for PostgreSQL alone

        expanding = Work(ring=self._expand, is_left=self._is_unexpanded)
        doorbells = Doorbells(self._db, send=self.deliverer.ring, expanding=expanding)
        rounds = Rounds(
            self._db,
            self._clock,
            recover=self.deliverer.recover,
            expand=self._expand,
            send=self.deliverer.ring,
        )
        self.engine = doorbells
        self._beside = {"doorbells": doorbells, "rounds": rounds}

    def _expand(self) -> None:
        self.expander.ring()

    async def _is_unexpanded(self) -> bool:
        async with self._db.read() as conn:
            opening = await mailings.next_opening(conn)
        return opening is not None and opening <= self._clock.now()
