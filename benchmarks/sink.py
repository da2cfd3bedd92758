"""A mail server that takes everything and keeps nothing; prints its port and runs until killed."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Takes mail."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """Say yes (the name is aiosmtpd's)."""
        return "250 OK"


async def main() -> None:
    """Serve."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="sink"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
