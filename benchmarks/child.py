"""A measurement in a process of its own, so that one leaves no memory and no warm cache to the next."""

import asyncio
import json
import sys
from typing import Any


async def measured_in_a_child(module: str, size: int) -> Any:
    """Run `python -m MODULE SIZE` and return the JSON that it prints.

    Raises:
        RuntimeError: it ended otherwise than well.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, str(size), stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"{module} with {size:,} ended with {child.returncode}")
    return json.loads(printed)
