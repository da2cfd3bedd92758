"""Which mail server letters are handed to, and how its connections are secured."""

import ssl
from dataclasses import dataclass, field

from notifier.settings import Security


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The next mail server, from plain settings.

    Raises:
        ValueError: a password would go over a connection that is not encrypted, or there is no connection.
    """

    host: str
    port: int
    security: Security
    """There is no "if offered": what is configured is what happens, or nothing is sent."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connections: int = 4
    """How many connections are kept at most; they are opened when there is a letter for them."""
    letters_per_connection: int = 1_000
    """After how many letters a connection is ended: some servers allow no more."""
    timeout: float = 60.0
    """Seconds to wait for one answer."""
    end_of_data_timeout: float = 600.0
    """Seconds to wait for the answer to the final dot. Ten minutes by RFC 5321 §4.5.3.2.6: a server may
    deliver before it answers, and whoever hangs up earlier doubles the mail."""
    local_hostname: str | None = None
    """Our name in EHLO. None: the address literal of our end of the connection (RFC 5321 §4.1.3), since
    asking the resolver for our own name can take many seconds. A relay strict about names needs it set."""
    tls: ssl.SSLContext | None = None
    """None: the machine's trusted certificates, host name checked."""

    def __post_init__(self) -> None:
        if self.connections < 1:
            raise ValueError("The mail server needs at least one connection")
        if self.username is not None and self.security is Security.PLAIN:
            raise ValueError("A password is not sent over an unencrypted connection: use starttls or tls")


def tls_of(server: SmtpServer) -> ssl.SSLContext | None:
    """Return how connections to a server are encrypted; None: they are not."""
    return None if server.security is Security.PLAIN else server.tls or ssl.create_default_context()
