"""The distance that benchmarks put before a server: everything arrives, in order, and none of it too soon."""

import asyncio
import time

from benchmarks.delay import distance

SECONDS = 0.05


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.write(b"end")
    writer.close()


async def test_what_is_said_over_a_distance_comes_late_whole_and_in_order() -> None:
    said = [bytes([number]) * (number * 700 + 1) for number in range(40)]
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, distance(server.sockets[0].getsockname()[1], round_trip=SECONDS) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.perf_counter()
        for part in said:
            writer.write(part)
            await asyncio.sleep(0)
        first = await asyncio.wait_for(reader.read(1), 10)
        assert time.perf_counter() - began >= SECONDS
        assert first + await reader.readexactly(sum(map(len, said)) - 1) == b"".join(said)
        writer.close()


async def test_who_hangs_up_is_heard_at_the_other_end() -> None:
    gone = asyncio.Event()

    async def server_side(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b"bye"
        writer.close()
        gone.set()

    server = await asyncio.start_server(server_side, "127.0.0.1", 0)
    async with server, distance(server.sockets[0].getsockname()[1], round_trip=SECONDS) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"bye")
        await writer.drain()
        writer.close()
        await asyncio.wait_for(gone.wait(), 10)
        assert await asyncio.wait_for(reader.read(), 10) == b""
