"""When Python looks for garbage in a process that runs for long."""

import gc

NEW_OBJECTS = 20_000
"""After how many more objects than were freed the young ones are searched. Python's own 700 suit a script;
here thousands of letters are on their way, and none of them is garbage: a twentieth of sending went there."""


def leave_for_later() -> None:
    """Search for none while loading: half a million objects are made, and next to none of them is garbage."""
    gc.disable()


def search_seldom() -> None:
    """Search from now on, pass over what is loaded, and less often than Python does by itself."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
