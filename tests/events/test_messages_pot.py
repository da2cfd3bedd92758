"""The template of all catalogues holds what mails say now."""

from tests.events.messages_pot import POT, RENEW, messages_pot


def test_the_template_of_catalogues_is_current() -> None:
    assert POT.read_text("utf-8") == messages_pot(), f"a sentence was changed; renew the template: {RENEW}"
