"""Answers whose time tells nothing. Pure."""


def rest_of_beat(elapsed: float, beat: float) -> float:
    """Return the seconds until the next beat, `elapsed` after the first; 0 if there is no beat.

    What happens to an address differs with what is known of it, and so does its time. Answers that leave
    only on the beat all look alike, unless the work takes longer than a beat.
    """
    return -elapsed % beat if beat > 0 else 0.0
