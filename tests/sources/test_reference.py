"""References stand in addresses."""

import pytest

from notifier.sources.reference import is_reference


@pytest.mark.parametrize(
    ("text", "fits"), [("GID-IPG10158", True), ("a", True), ("", False), ("../a", False), ("a b", False)]
)
def test_a_reference_can_stand_in_an_address(text: str, fits: bool) -> None:
    assert is_reference(text) is fits
