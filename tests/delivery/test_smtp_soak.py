"""Random scripts against random crowds through the real pool, plain and pipelined. Seeds are named.

Every letter ends exactly once, nobody is accepted twice unless in doubt, and only the server ends an address.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from notifier.delivery import breaker
from notifier.delivery.model import Letter, Outcome, ServerFault, Verdict
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.delivery.cast import letter
from tests.delivery.scripted_server import DOT, GREETING, Act, ScriptedServer

SEEDS = range(24)
ANSWERS = ("450 4.2.0 Later", "550 5.1.1 Nobody", "554 5.7.1 No", "421 4.3.2 Closing", Act.DROP, Act.SILENCE)
VERBS = ("EHLO", "MAIL", "RCPT", "DATA", DOT)


class Crowd:
    """A supply that sends again what came back, and counts how each letter ended."""

    def __init__(self, letters: list[Letter]) -> None:
        self.waiting = letters
        self.under_way: list[Letter] = []
        self.ends: list[Outcome] = []
        self.count = len(letters)
        self.done = asyncio.Event()

    @property
    def ready(self) -> int:
        return len(self.waiting)

    def next(self) -> Letter | None:
        if not self.waiting:
            return None
        self.under_way.append(self.waiting.pop(0))
        return self.under_way[-1]

    def ended(self, outcome: Outcome) -> None:
        self.under_way.remove(outcome.letter)  # fails if it ended before
        self.ends.append(outcome)
        if len(self.ends) == self.count:
            self.done.set()

    def returned(self, letter: Letter, _fault: ServerFault | None) -> None:
        self.under_way.remove(letter)
        self.waiting.insert(0, letter)

    def failed(self, fault: ServerFault) -> None:
        """Nothing waits here but for the pool."""


@asynccontextmanager
async def _listening(server: ScriptedServer) -> AsyncIterator[None]:
    await server.start()
    try:
        yield
    finally:
        await server.stop()


def _server(chance: random.Random, people: int) -> ScriptedServer:
    server = ScriptedServer(pipelining=chance.random() < 0.6)
    for _ in range(chance.randrange(8)):
        marker = f"reader{chance.randrange(people)}@" if chance.random() < 0.7 else ""
        verb = chance.choice(VERBS) if marker else chance.choice((GREETING, *VERBS))
        act = Act.LOSE if verb == DOT and chance.random() < 0.3 else chance.choice(ANSWERS)
        server.when(
            verb, act, marker="" if verb in ("EHLO", "MAIL") else marker, times=chance.randrange(1, 4)
        )
    server.most_connections = chance.choice((1, 2, 1_000))
    server.mails_each = chance.choice((1, 3, 1_000))
    server.forgets_after = chance.choice(("", "", "", DOT, "RCPT"))
    server.answer_after = chance.choice((0.0, 0.002))
    if chance.random() < 0.3:
        server.adds[chance.choice(("MAIL", "RCPT", DOT))] = "250 2.0.0 Ok"
    return server


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_letter_ends_once_and_nobody_is_told_twice_without_doubt(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "SHORTEST_PAUSE", 0.005)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 0.01)
    chance = random.Random(seed)  # noqa: S311 - guards nothing
    people = chance.randrange(1, 60)
    server = _server(chance, people)
    crowd = Crowd([letter(f"reader{number}", number=number) for number in range(people)])
    async with _listening(server):
        settings = SmtpServer(
            host="127.0.0.1",
            port=server.port,
            security=Security.PLAIN,
            connections=chance.randrange(1, 5),
            letters_per_connection=chance.choice((2, 7, 1_000)),
            timeout=0.1,
            end_of_data_timeout=0.1,
        )
        pool = SmtpPool(settings)
        running = asyncio.create_task(pool.run(crowd))
        async with asyncio.timeout(20):
            while not crowd.done.is_set():
                pool.wake()
                await asyncio.wait({running, asyncio.create_task(crowd.done.wait())}, timeout=0.01)
                assert not running.done(), running.exception()
        await pool.close()
        await running

    assert Counter(end.letter.recipient for end in crowd.ends).most_common(1)[0][1] == 1
    assert len(crowd.ends) == people
    assert not crowd.waiting
    assert not crowd.under_way
    took = Counter(mail.recipient for mail in server.taken)
    for end in crowd.ends:
        copies = took[end.letter.recipient]
        assert copies == 1 if end.verdict is Verdict.ACCEPTED else copies <= (end.verdict is Verdict.DOUBTFUL)
    for mail in server.taken:
        assert mail.sender == f"bounces+{mail.recipient[6:].partition('@')[0]}@notifier.example"
