"""What servers, mail providers and mail programs sent back: one file each, with invented names and tokens."""

from pathlib import Path

from notifier.subscriptions.return_path import ReturnPath

SAMPLES = Path(__file__).parent / "samples"
MAILBOX = ReturnPath("bounces@alerts.example.org")

ENVELOPE = "agkaz6ltbq3wn5cya7r2evosdmuk"
MESSAGE = "bgkaz6ltbq3wn5cya7r2evosdmuk"
STOP = "cgkaz6ltbq3wn5cya7r2evosdmuk"
"""Tokens of a form that ours have: of the envelope, the Message-ID and the link of what came back."""


def sample(name: str) -> bytes:
    """Return a file as it was sent."""
    return (SAMPLES / f"{name}.eml").read_bytes()
