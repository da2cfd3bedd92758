"""structlog without rich, which it loads wherever it is installed, for tracebacks that are not printed here.

That would be three megabytes in every process, and some of its start. It does without where it finds none.
"""

import sys

__all__ = ["structlog"]

_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]  # what says in the import system that there is none
try:
    import structlog
finally:
    if _rich is None:
        del sys.modules["rich"]
    else:
        sys.modules["rich"] = _rich
