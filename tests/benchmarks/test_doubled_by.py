"""Which kill a mail that came twice is put down to."""

from benchmarks.faults_postgresql import doubled_by
from benchmarks.sink import Sink


def _sink(**came: tuple[float, int]) -> Sink:
    """Return a sink to which each person's mail came so often, first at an instant."""
    sink = Sink()
    for name, (at, times) in came.items():
        for _ in range(times):
            sink.take(name, b"Message-ID: <1@example.org>\r\n\r\n", at)
    return sink


def test_a_double_is_the_doing_of_the_next_kill_after_the_first_mail() -> None:
    sink = _sink(ada=(0.5, 2), ben=(1.5, 2), cleo=(1.6, 2), dora=(1.7, 1))
    assert doubled_by([1.0, 2.0, 3.0], sink) == [1, 2, 0]


def test_every_double_is_counted() -> None:
    assert doubled_by([1.0], _sink(ada=(0.5, 3), ben=(9.0, 2))) == [3]
