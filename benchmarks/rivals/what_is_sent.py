"""What every rival sends: the words of a real alert, to a person of their own each. Standard library only."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line of a rival says: `PORT CONNECTIONS MAILS FILE`, the file made by `words`."""

    port: int
    connections: int
    mails: int
    sender: str
    subject: str
    text: str
    html: str

    def recipient(self, number: int) -> str:
        """Return the address of one person."""
        return f"person{number}@patients.example"


def asked() -> Asked:
    """Read the command line."""
    port, connections, mails, file = sys.argv[1:]
    words = json.loads(Path(file).read_text(encoding="utf-8"))
    return Asked(port=int(port), connections=int(connections), mails=int(mails), **words)
