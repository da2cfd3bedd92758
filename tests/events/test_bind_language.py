"""Each reader is written to in their own language from one mailing; which it was is kept as evidence."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.tables import delivery
from notifier.events.catalogues import Languages
from notifier.events.tables import variant
from notifier.subscriptions import reply_store, store
from notifier.subscriptions.model import ReplyKind
from notifier.subscriptions.tables import subscriber
from tests.cast import MACHINE_NOW, Person, claim_letters, follow, london
from tests.events.mail_reader import body
from tests.events.mail_reader import read as parse
from tests.events.pseudo_language import PSEUDO, pseudo, pseudo_languages
from tests.events.test_bind import OPENING, _announced

OTHER = "de"


@pytest.fixture
def languages(tmp_path: Path) -> Languages:
    return pseudo_languages(tmp_path)


async def _reads(db: Database, who: Person, language: str) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(
            update(subscriber).where(subscriber.c.id == who.subscriber_id).values(language=language)
        )


async def test_one_mailing_speaks_to_each_reader_in_their_language(
    db: Database, languages: Languages
) -> None:
    ann, bob, cat = [await follow(db, name) for name in ("ann", "bob", "cat")]
    await _reads(db, bob, PSEUDO)
    await _reads(db, cat, OTHER)  # nobody has written a catalogue of it
    await _announced(db)
    letters = await claim_letters(db, OPENING, languages=languages)
    english, strange, also_english = [parse(letter.content) for letter in letters]
    for message, tag in ((english, "en-GB"), (strange, PSEUDO), (also_english, "en-GB")):
        part = message.get_body(("html",))
        assert part is not None
        assert part["Content-Language"] == tag
        assert f'lang="{tag}"' in body(message, "html")
    assert pseudo("Why you get this") in body(strange, "plain")
    assert pseudo("all {noun}s").format(noun="topic") in body(strange, "plain")
    assert "Why you get this" in body(english, "plain")
    assert "for alerts about all topics" in " ".join(body(also_english, "plain").split())
    query = select(delivery.c.subscriber_id, variant.c.language).join(
        variant, variant.c.id == delivery.c.variant_id
    )
    async with db.read() as conn:
        said = {row.subscriber_id: row.language for row in await conn.execute(query)}
    assert said == {ann.subscriber_id: "en", bob.subscriber_id: PSEUDO, cat.subscriber_id: "en"}


async def test_a_reply_speaks_the_language_of_whoever_asked(db: Database, languages: Languages) -> None:
    ann = await follow(db, "ann")
    await _reads(db, ann, PSEUDO)
    async with db.write(Rank.WEB) as conn:
        found = await store.get(conn, ann.subscription_id)
        assert found is not None
        reply_id = await reply_store.add(
            conn,
            kind=ReplyKind.ALREADY,
            subscriber_id=found.subscriber_id,
            subscription_id=found.id,
            fence_key="f",
            machine_now=MACHINE_NOW,
        )
        await outbox.enqueue(conn, subscriber_id=found.subscriber_id, part=reply_id, machine_now=MACHINE_NOW)
    (letter,) = await claim_letters(db, london(2022, 9, 2), languages=languages)
    assert pseudo("Stop these alerts") in body(parse(letter.content), "plain")
