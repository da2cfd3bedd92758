"""Links that cannot be forged: a MAC over purpose, row and the row's nonce (decision 0007).

The same link can be made again after a crash, and the database alone is not enough to make one. Expiry and
single use are in the row, not in the link.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

MAC_BYTES = 16
"""128 bits: beyond guessing, and short enough for one line of a mail."""


LARGEST_ROW = 2**63 - 1
"""No database has a row beyond it, and asking for one would be an error, not an answer."""


class Purpose(StrEnum):
    """What a link may do; a link for one purpose is worthless for another."""

    CONFIRM = "confirm"
    STOP = "stop"
    ACCESS = "access"
    """Opens all that an address gets, once."""
    SESSION = "session"
    """Carried by the forms of the page that such a link opened."""
    NEW_ADDRESS = "new_address"
    BOUNCE = "bounce"
    """No link: the part of an envelope's sender that says which delivery came back."""
    MESSAGE = "message"
    """No link: the part of a Message-ID that nobody else can make, the same whenever it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A link's claim to a row, not yet believed."""

    purpose: Purpose
    row_id: int
    mac: bytes


class Signer:
    """Makes and checks links with the instance's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        """Show nothing of the secret."""
        return "Signer(…)"

    def sign(self, purpose: Purpose, row_id: int, nonce: str) -> str:
        """Return the text of a link: lower-case base32, safe in any mail and address."""
        return _text(row_id, self._mac(purpose, row_id, nonce))

    def read(self, purpose: Purpose, text: str) -> Token | None:
        """Take a link apart; None when it is no link at all. Each link has one spelling, in any case."""
        if not text.isascii() or len(text) > 64:
            return None
        try:
            raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        except (binascii.Error, ValueError):
            return None
        if len(raw) <= MAC_BYTES:
            return None
        row_id, mac = int.from_bytes(raw[:-MAC_BYTES], "big"), raw[-MAC_BYTES:]
        if row_id > LARGEST_ROW or text.lower() != _text(row_id, mac):
            return None
        return Token(purpose=purpose, row_id=row_id, mac=mac)

    def believes(self, token: Token, nonce: str) -> bool:
        """Whether this instance made the link for the row with this nonce."""
        return hmac.compare_digest(token.mac, self._mac(token.purpose, token.row_id, nonce))

    def _mac(self, purpose: Purpose, row_id: int, nonce: str) -> bytes:
        text = f"{purpose}:{row_id}:{nonce}".encode()
        return hmac.digest(self._secret, text, sha256)[:MAC_BYTES]

    def fingerprint(self) -> str:
        """Return what identifies the secret without telling it."""
        return hmac.digest(self._secret, b"fingerprint", sha256).hex()[:16]

    def address_hash(self, address_key: str) -> str:
        """Return the keyed hash under which an address is still known after it was erased, or refused."""
        return hmac.digest(self._secret, b"address:" + address_key.encode(), sha256).hex()[:32]

    def fence_key(self, address_key: str) -> str:
        """Return the keyed hash under which sign-ups of an address are counted, its +tag left out."""
        local, _, domain = address_key.rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return hmac.digest(self._secret, b"fence:" + plain.encode(), sha256).hex()[:32]


def _text(row_id: int, mac: bytes) -> str:
    raw = row_id.to_bytes(8, "big").lstrip(b"\0") + mac
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()
