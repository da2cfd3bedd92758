"""Where mail comes back to: one mailbox, whose address says of each mail which delivery it was (VERP). Pure.

`bounces+<token>@domain`: the token is a MAC, so that whoever writes to the mailbox can speak of no delivery
but one whose envelope they have seen.
"""

import re
from dataclasses import dataclass

from notifier.subscriptions.tokens import Purpose, Signer

DELIMITER = "+"
"""What most mail systems take for the end of a mailbox's own name (RFC 5233)."""

_BASE32 = r"([a-z2-7]{28,39})"  # a MAC, and between one byte and eight of the row


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """The mailbox to which mail comes back, such as `bounces@alerts.example.org`."""

    mailbox: str

    def with_token(self, token: str) -> str:
        """Return the mailbox's address that carries `token`."""
        before, after = self.around_token
        return f"{before}{token}{after}"

    @property
    def around_token(self) -> tuple[str, str]:
        """What stands before a token, and after it."""
        name, _, domain = self.mailbox.rpartition("@")
        return f"{name}{DELIMITER}", f"@{domain}"

    def tokens_in(self, text: str) -> tuple[str, ...]:
        """Return what stands in the place of a token in every address of this mailbox within `text`.

        An address that somebody on the way wrapped in their own (SRS: `SRS0=…=domain=name@…`) counts too.
        """
        name, _, domain = self.mailbox.rpartition("@")
        before = rf"(?<![a-z0-9.]){re.escape(name + DELIMITER)}"
        plain = rf"{before}{_BASE32}@{re.escape(domain)}(?![a-z0-9.-])"
        wrapped = rf"={re.escape(domain)}={re.escape(name + DELIMITER)}{_BASE32}@"
        found = re.finditer(f"{plain}|{wrapped}", text, re.IGNORECASE | re.ASCII)
        return tuple(dict.fromkeys((one.group(1) or one.group(2)).lower() for one in found))


def envelope_token(signer: Signer, delivery_id: int, *, nonce: str, address: str) -> str:
    """Return the token of the envelope in which a delivery goes to `address`."""
    return signer.sign(Purpose.BOUNCE, delivery_id, envelope_nonce(nonce, address))


def envelope_nonce(nonce: str, address: str) -> str:
    """Return what an envelope's token is made with: the subscriber's nonce, and the address itself.

    So what comes back from an address that somebody has left, or that never confirmed, is not laid to the
    account of the address that their mail goes to now.
    """
    return f"{nonce}:{address.casefold()}"
