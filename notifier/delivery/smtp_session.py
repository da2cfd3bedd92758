"""What a pool and its connections say to each other, whether they pipeline or not."""

from collections.abc import Sequence
from typing import Protocol

from notifier.delivery.model import Letter
from notifier.delivery.smtp_dialogue import Ended, Taken


class Session(Protocol):
    """An open connection that asks for letters by itself, once begun, until there are none."""

    idle_since: float
    """When it was put aside, in the time of the owner, who keeps it."""

    plain: bool
    """Whether it takes letters that cannot be pipelined too."""

    def fit(self, now: float) -> bool:
        """Whether another letter may go over it; `now` is the owner's time."""
        ...

    def begin(self) -> bool:
        """Ask for a letter and begin it. Return whether there was one."""
        ...

    def end_if_silent(self, now: float) -> None:
        """Give a server up that has not answered for too long at `now`, in the loop's time."""
        ...

    def retire(self) -> None:
        """Begin nothing more, and hang up as soon as the answer that is being read is dealt with."""
        ...

    def leave(self) -> None:
        """Say QUIT and hang up; for a session without a letter."""
        ...

    def close(self) -> None:
        """Hang up: a letter under way ends as if the server had done so."""
        ...


class Owner(Protocol):
    """Whoever keeps the connections (`smtp.py`)."""

    def take(self, session: Session) -> Letter | None:
        """Return the next letter, if one may begin now; its end is told by one of the others."""
        ...

    def taken(self, session: Session, taken: Taken) -> None:
        """Hear that the server took a letter."""
        ...

    def ended(self, session: Session, end: Ended) -> None:
        """Hear that a letter's way ended in trouble."""
        ...

    def idle(self, session: Session) -> None:
        """Hear that a session has no letter any more and could take one."""
        ...

    def over(self, session: Session, unbegun: Sequence[Letter]) -> None:
        """Hear that a session has ended; nothing was taken of the letters `unbegun`."""
        ...

    def out_of_step(self) -> None:
        """Hear that a server did not answer what was pipelined, or answered something else."""
        ...

    def broke(self, bug: BaseException) -> None:
        """Hear of a mistake of our own."""
        ...
