"""Which line each name of a TOML file stands on."""

import pytest

from notifier.sources.errors import SourceError
from notifier.sources.general.toml_document import parse


def test_each_name_is_found_on_its_line_whatever_stands_between() -> None:
    text = "\n# c\na = 1  # c\n\n[t]\nx = '''\n\n'''\n[[m]]\nb = [\n 1,\n]\n\nc = 2\n\n  [[m]] # d\n  b = 3\n"
    root, tables = parse(text, file="f", repeated="m")
    assert (root.lines, [table.line for table in tables]) == ({"a": 3, "t": 5, "m": 9}, [9, 16])
    assert [dict(table.lines) for table in tables] == [{"b": 10, "c": 14}, {"b": 17}]


def test_a_key_of_endless_parts_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(SourceError, match=r"f:2: .* is not a line with 1000 dots or fewer"):
        parse("a = 1\nb" + ".b" * 400_000 + " = 1", file="f", repeated="m")
