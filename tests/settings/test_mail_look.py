"""How mails look: colours that cannot be read are refused, with the ratio that they have."""

import pytest

from notifier.settings.mail_look import ACCENT, ACCENT_DARK, DARK, LEAST_CONTRAST, WHITE, contrast


def test_contrast_is_counted_as_the_guidelines_count_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_shipped_colours_can_be_read():
    assert contrast(ACCENT, WHITE) > LEAST_CONTRAST
    assert contrast(ACCENT_DARK, DARK) > LEAST_CONTRAST


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            'accent = "#777777"',
            '"accent" in [mail] needs a contrast of 4.5 to 1 with white, and has 4.47, not "#777777"',
        ),
        (
            'accent_dark = "#0b57a4"',
            '"accent_dark" in [mail] needs a contrast of 4.5 to 1 with the dark background #14171a, '
            'and has 2.49, not "#0b57a4"',
        ),
        ('accent = "blue"', '"accent" in [mail] must be a colour such as "#0b57a4", not "blue"'),
        ('accent = "#fff"', '"accent" in [mail] must be a colour such as "#0b57a4", not "#fff"'),
        (
            'language = "klingon!"',
            '"language" in [mail] must be a language such as "en" or "cy", not "klingon!"',
        ),
        (r'sender_name = "a\nb"', r'"sender_name" in [mail] must be some text on one line, not "a\nb"'),
        (r'footer = "a\nb"', r'"footer" in [mail] must be some text on one line, not "a\nb"'),
    ],
)
def test_a_look_that_cannot_be_is_refused(problems, line, problem):
    assert problems(f"[mail]\n{line}") == [f"notifier.toml:2: {problem}"]


def test_a_colour_may_be_written_in_capitals(load):
    assert load('[mail]\naccent = "#7A1FA2"').mail.accent == "#7a1fa2"
