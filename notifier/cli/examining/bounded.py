"""Looking at one thing within a time limit: what hangs or breaks becomes a finding, never a traceback."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from notifier.cli.finding import Finding, attention

Look = Callable[[], Awaitable[Sequence[Finding]]]


async def bounded(subject: str, look: Look, *, seconds: float) -> Sequence[Finding]:
    """Return what `look` finds; or that it took too long, or that it broke and how."""
    try:
        async with asyncio.timeout(seconds):
            return await look()
    except TimeoutError:
        words = f"It could not be looked at within {seconds:g} seconds."
        return [attention(subject, words, "Ask again; if it stays so, something on the way hangs.")]
    except Exception as error:  # whatever it is: one broken look must not hide the others
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return [attention(subject, f"It could not be looked at: {type(error).__name__}: {reason}.", "")]
