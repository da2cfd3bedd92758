"""How work grows with its size, whatever the machine does meanwhile: CPU time of a large piece by a small."""

import gc
import math
import time
from collections.abc import Callable

TIMES = 8
"""The large piece is so many times the small one; quadratic work would take 64 times as long."""

LINEAR = 24.0
"""Three times what strictly linear work would take: room for caches and allocation, none for a square."""

TRIES = 3
"""Of several tries the quickest counts: a machine that is busy with other things only ever adds time."""


def growth(work: Callable[[int], object], *, small: int) -> float:
    """Return the CPU time of `work(8 * small)` by that of `work(small)`, the best of three each.

    The large piece is done again only while it looks slow: a best of three within the bound has one that is.
    """
    gc.collect()
    gc.freeze()  # what other tests left is not looked through again at each collection within the work
    try:
        base = max(min(_taken(work, small) for _ in range(TRIES)), 1e-4)
        best = math.inf
        for _ in range(TRIES):
            best = min(best, _taken(work, small * TIMES) / base)
            if best < LINEAR:
                break
        return best
    finally:
        gc.unfreeze()


def _taken(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    began = time.process_time()
    work(size)
    return time.process_time() - began
