"""The sink that counts: whatever the bytes are cut into, each mail counts once, for its own recipient."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage

import aiosmtplib
import pytest

from benchmarks.sink import Sink


def group(number: int, body: bytes = b"Hello\r\n") -> bytes:
    """Return a mail as a sender that pipelines writes it, its dot stuffed."""
    envelope = b"MAIL FROM:<a@b>\r\nRCPT TO:<person%d@b>\r\nDATA\r\n" % number
    return envelope + b"Subject: x\r\nMessage-ID: <%d@b>\r\n\r\n" % number + body + b".\r\n"


async def replies(sink: Sink, chunks: Sequence[bytes]) -> bytes:
    """Write these chunks, each for itself, and return all that the sink said until it hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sink.port)
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0)
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return said


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 50, 100_000])
async def test_a_group_is_taken_whatever_it_is_cut_into(size: int) -> None:
    told = b"EHLO us\r\n" + group(1) + group(2, b"..\r\n..A dot\r\n") + group(3, b"") + b"QUIT\r\n"
    async with Sink().listening() as sink:
        said = await replies(sink, [told[place : place + size] for place in range(0, len(told), size)])
    assert sink.mails == {(f"person{number}@b", f"<{number}@b>"): 1 for number in (1, 2, 3)}
    assert sink.told == set(sink.begun) == {f"person{number}@b" for number in (1, 2, 3)}
    codes = [line[:3] for line in said.splitlines() if line[3:4] == b" "]
    assert codes == [b"220", b"250", *[b"250", b"250", b"354", b"250"] * 3, b"221"]


async def test_a_mail_that_was_not_ended_does_not_count() -> None:
    async with Sink().listening() as sink:
        _, writer = await asyncio.open_connection("127.0.0.1", sink.port)
        writer.write(group(1) + group(2)[:-3])
        await writer.drain()
        writer.close()
        async with asyncio.timeout(10):
            while not sink.mails:  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
    assert sink.told == {"person1@b"}


async def test_the_same_mail_twice_is_seen_as_a_double() -> None:
    async with Sink().listening() as sink:
        await replies(sink, [group(1) + group(1) + b"QUIT\r\n"])
    assert sink.mails == {("person1@b", "<1@b>"): 2}


async def test_commands_out_of_order_are_refused() -> None:
    async with Sink().listening() as sink:
        said = await replies(sink, [b"DATA\r\nRCPT TO:<a@b>\r\nMAIL FROM:<a@b>\r\nDATA\r\nHUH\r\nQUIT\r\n"])
    assert [line[:3] for line in said.splitlines()] == [
        b"220",
        b"503",
        b"503",
        b"250",
        b"503",
        b"502",
        b"221",
    ]
    assert not sink.mails


async def test_a_library_can_talk_to_it() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "a@b.example", "c@b.example", "<1@b.example>"
    message.set_content("Hello\n.\nBye\n")
    async with (
        Sink().listening() as sink,
        aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, start_tls=False) as smtp,
    ):
        for _ in range(2):
            await smtp.send_message(message)
    assert sink.mails == {("c@b.example", "<1@b.example>"): 2}
