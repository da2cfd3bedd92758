"""What a server's certificate says, in a sentence. Pure: the certificate is as `getpeercert` gives it."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FEW_DAYS = 14
"""Whoever renews by a machine does so 30 days before the end; with two weeks left it has failed."""


def days_left(certificate: Mapping[str, Any], now: datetime) -> int:
    """Return how many whole days a certificate is valid for."""
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return (ends - now).days


def names(certificate: Mapping[str, Any]) -> str:
    """Return the names that a certificate is for, the first few of many."""
    found = [
        str(value) for kind, value in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")
    ]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(found[:3]) + more or "no name"


def told(certificate: Mapping[str, Any], now: datetime) -> str:
    """Return "its certificate is for mail.example.org and valid for 61 days"."""
    return f"its certificate is for {names(certificate)} and valid for {days_left(certificate, now)} days"
