"""Django's own mail, one kept connection for each thread. Runs on a Python that has Django."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings  # type: ignore[import-not-found]
from django.core.mail import EmailMultiAlternatives, get_connection  # type: ignore[import-not-found]

from benchmarks.contest import Stopwatch
from benchmarks.rivals.what_is_sent import Asked, asked


def send(what: Asked) -> None:
    """Send every mail, each thread its share."""
    settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=what.port, USE_TZ=True)
    watch = Stopwatch()
    shares = [range(first, what.mails, what.connections) for first in range(what.connections)]
    with ThreadPoolExecutor(what.connections) as threads:
        for done in [threads.submit(_send_share, what, share) for share in shares]:
            done.result()
    watch.stop()


def _send_share(what: Asked, share: range) -> None:
    with get_connection() as connection:
        for number in share:
            message = EmailMultiAlternatives(
                what.subject, what.text, what.sender, [what.recipient(number)], connection=connection
            )
            message.attach_alternative(what.html, "text/html")
            message.send()


if __name__ == "__main__":
    send(asked())
