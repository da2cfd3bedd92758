"""Which rules of large receivers for bulk senders are not met. Pure: read off what was found.

Sources: Gmail's "Email sender guidelines" and Yahoo's "Sender best practices" (both since February 2024),
Microsoft's for Outlook.com (since May 2025): SPF, DKIM and DMARC with an aligned From, PTR, TLS, one-click
unsubscribe (RFC 8058), a spam rate below 0.3 %, well-formed mail.
"""

from collections.abc import Sequence

from notifier.cli.finding import Finding, Verdict, attention, fine

_RULES = {
    "SPF": "SPF",
    "DMARC": "DMARC",
    "From alignment": "From alignment",
    "TLS": "mail encryption",
    "valid PTR": "PTR",
    "one-click unsubscribe (RFC 8058)": "one-click unsubscribe",
    "message format (RFC 5322)": "message format",
}
"""Each rule, and the subject of the finding that decides it."""

_UNSEEN = (
    "DKIM (the relay signs: send a test mail with --to)",
    "spam rate below 0.3 % (the receivers' own tools)",
)


def bulk_rules(found: Sequence[Finding]) -> Finding:
    """Return which rules are met, which are not, and which cannot be seen from here."""
    unmet: list[str] = []
    met: list[str] = []
    unseen: list[str] = []
    for rule, subject in _RULES.items():
        verdicts = {one.verdict for one in found if one.subject == subject}
        group = unseen if not verdicts else met if verdicts == {Verdict.OK} else unmet
        group.append(rule)
    seen = f"Met: {', '.join(met) or 'none'}. Not to be seen from here: {', '.join([*_UNSEEN, *unseen])}."
    if unmet:
        words = f"Not met: {', '.join(unmet)}. {seen}"
        return attention(
            "bulk-sender rules", words, "Gmail, Yahoo and Outlook refuse or hide mail for these."
        )
    return fine("bulk-sender rules", seen)
