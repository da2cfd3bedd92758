"""How work grows with its size, whatever the machine does meanwhile: CPU time of a large piece by a small."""

import gc
import time
from collections.abc import Callable

TIMES = 8
"""The large piece is so many times the small one; quadratic work would take 64 times as long."""

LINEAR = 24.0
"""Three times what strictly linear work would take: room for caches and allocation, none for a square."""


def growth(work: Callable[[int], object], *, small: int) -> float:
    """Return the CPU time of `work(8 * small)` by that of `work(small)`, the best of three each."""
    return _best(work, small * TIMES) / max(_best(work, small), 1e-4)


def _best(work: Callable[[int], object], size: int) -> float:
    taken: list[float] = []
    for _ in range(3):
        gc.collect()
        began = time.process_time()
        work(size)
        taken.append(time.process_time() - began)
    return min(taken)
